import { expect, test } from 'vitest';
import { Tasks } from '../../../../../src/fabric/ovn-kubernetes/control/allocator/tasks.ts';

test('thousands of tasks that are done at once run one after another, on a flat stack', () => {
  const tasks = new Tasks();
  const order: number[] = [];
  let release = (): void => undefined;
  tasks.add((done) => {
    release = done;
  });
  for (let i = 0; i < 50_000; i++) {
    tasks.add((done) => {
      order.push(i);
      done();
    });
  }
  expect(order).toEqual([]);
  expect(tasks.isIdle).toBe(false);
  release();
  expect(order).toHaveLength(50_000);
  expect(order).toEqual(order.toSorted((a, b) => a - b));
  expect(tasks.isIdle).toBe(true);
});
