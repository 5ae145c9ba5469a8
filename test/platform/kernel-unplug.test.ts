// What can happen to the kernel's end of a running lab: set down and up, renamed, deleted together with
// its namespace. The lab goes on and says so.

import { afterEach, describe, expect, test } from 'vitest';
import type { AttachmentEvents } from '../../src/lab/events.ts';
import { isA } from '../support/events.ts';
import { eventually, ip, type LiveLab, requireKernel, Sandbox } from '../support/kernel.ts';

const { skip, remark } = requireKernel('ping');

/** Two devices, so that something is left to go on with. */
const LAB = `name: unplug
segments: { lan: { subnet: 10.7.4.0/24 } }
hosts: { a: { interfaces: { eth0: { segment: lan, address: 10.7.4.1/24 } } } }
attach:
  - { tap: one0, segment: lan, netns: one, address: 10.7.4.2/24 }
  - { tap: two0, segment: lan, netns: two, address: 10.7.4.3/24 }
`;

describe.skipIf(skip)(`the kernel's end${remark}`, () => {
  const sandbox = new Sandbox();
  afterEach(() => sandbox.dispose(), 60_000);

  const said = (live: LiveLab, kind: keyof AttachmentEvents): boolean =>
    live.lab.events.events.filter(isA(kind)).some(({ fields }) => fields.device === 'one0');
  const ping = async (from: string): Promise<boolean> => {
    const argv = ['ping', '-c', '1', '-W', '2', '10.7.4.1'];
    return (await sandbox.run(sandbox.netns(from), argv)).text.includes('1 received');
  };

  test('may be set down and up again', async () => {
    const live = await sandbox.up(LAB);
    const one = sandbox.netns('one');
    expect(await ping('one')).toBe(true);
    ip('-n', one, 'link', 'set', 'one0', 'down');
    await eventually(() => said(live, 'attachment-down'), 'the lab says that it is down');
    const port = live.lab.attachments.get('one0')?.port;
    expect(port?.carrier).toBe(false);
    expect(await ping('two')).toBe(true);
    ip('-n', one, 'link', 'set', 'one0', 'up');
    await eventually(() => said(live, 'attachment-up'), 'the lab says that it is up');
    expect(await ping('one')).toBe(true);
  });

  test('sees its cable cut and mended', async () => {
    const live = await sandbox.up(LAB);
    const link = (): string => ip('-n', sandbox.netns('one'), '-brief', 'link', 'show', 'one0');
    expect(link()).toContain('LOWER_UP');
    const cable = { kind: 'attachment', attachment: 'one0' } as const;
    live.driver.perform(() => live.lab.setLink(cable, false));
    expect(link()).toContain('NO-CARRIER');
    live.driver.perform(() => live.lab.setLink(cable, true));
    expect(link()).toContain('LOWER_UP');
    await eventually(() => ping('one'), 'it works again');
  });

  test('may be renamed', async () => {
    const live = await sandbox.up(LAB);
    const one = sandbox.netns('one');
    ip('-n', one, 'link', 'set', 'one0', 'down');
    ip('-n', one, 'link', 'set', 'one0', 'name', 'uno0');
    ip('-n', one, 'link', 'set', 'uno0', 'up');
    await eventually(() => said(live, 'attachment-renamed'), 'the lab says the new name');
    const renamed = live.lab.events.events.find(isA('attachment-renamed'));
    expect(renamed?.fields.name).toBe('uno0');
    await eventually(() => ping('one'), 'it still works');
  });

  test('may vanish with its namespace', async () => {
    const live = await sandbox.up(LAB);
    ip('netns', 'delete', sandbox.netns('one'));
    await eventually(() => said(live, 'attachment-gone'), 'the lab says that it is gone');
    expect(await ping('two')).toBe(true);
    const report = await live.stop();
    expect(report.problems).toEqual([]);
  });

  test('may be deleted by hand', async () => {
    const live = await sandbox.up(LAB);
    ip('-n', sandbox.netns('one'), 'link', 'delete', 'one0');
    await eventually(() => said(live, 'attachment-gone'), 'the lab says that it is gone');
    expect(await ping('two')).toBe(true);
  });

  test('may be an interface that existed before: it is used, and left as it was found', async () => {
    const house = sandbox.addNamespace('house');
    ip('-n', house, 'link', 'add', 'veth0', 'type', 'veth', 'peer', 'name', 'peer0');
    ip('-n', house, 'link', 'set', 'veth0', 'up');
    ip('-n', house, 'link', 'set', 'peer0', 'up');
    ip('-n', house, 'address', 'add', '10.7.4.9/24', 'dev', 'peer0');
    const before = ip('-n', house, '-brief', 'link');
    const live = await sandbox.up(
      LAB.replace(/attach:[\s\S]*/, '') +
        `attach:
  - { packet: veth0, segment: lan, netns: house }
`,
    );
    expect(await ping('house')).toBe(true);
    const large = ['ping', '-c', '1', '-W', '2', '-s', '3000', '10.7.4.1'];
    expect((await sandbox.run(house, large)).text).toContain('1 received');
    ip('-n', house, 'link', 'set', 'veth0', 'down');
    const downs = (): boolean => live.lab.events.events.some((e) => e.kind === 'attachment-down');
    await eventually(downs, 'the lab says that it is down');
    ip('-n', house, 'link', 'set', 'veth0', 'up');
    await eventually(() => ping('house'), 'it works again');
    await live.stop();
    expect(ip('-n', house, '-brief', 'link')).toBe(before);
    ip('-n', house, 'link', 'delete', 'veth0');
  });

  test('may be a persistent TAP that existed before: it is used, and stays', async () => {
    const house = sandbox.addNamespace('house');
    ip('-n', house, 'tuntap', 'add', 'dev', 'old0', 'mode', 'tap', 'vnet_hdr');
    const live = await sandbox.up(
      LAB.replace(/attach:[\s\S]*/, '') +
        `attach:
  - { tap: old0, segment: lan, netns: house, address: 10.7.4.2/24 }
`,
    );
    expect(await ping('house')).toBe(true);
    await live.stop();
    expect(ip('-n', house, '-brief', 'link')).toContain('old0');
  });
});

describe.skipIf(skip)(`a point-to-point link to the kernel${remark}`, () => {
  const sandbox = new Sandbox();
  afterEach(() => sandbox.dispose(), 60_000);

  test.each(['true', 'false'])(
    'by TUN carries packets both ways (offload: %s)',
    async (offload) => {
      const live = await sandbox.up(`name: tun
segments: { lan: { subnet: 10.7.5.0/24 } }
hosts:
  gateway:
    interfaces:
      lan: { segment: lan, address: 10.7.5.1/24 }
      wan: { address: 203.0.113.2/30, snat: masquerade }
    forwarding: true
  inner:
    interfaces: { eth0: { segment: lan, address: 10.7.5.2/24 } }
    gateway: 10.7.5.1
    services: [{ tcp: 80, app: whoami }]
attach:
  - { tun: wan0, host: gateway, interface: wan, netns: wan, peer: 203.0.113.1/30, offload: ${offload}, routes: [{ to: 10.7.5.0/24, via: 203.0.113.2 }] }
scenario: { duration: 10m, flows: { out: { from: inner, to: 203.0.113.1, icmp: echo, every: 200ms } } }
`);
      const wan = sandbox.netns('wan');
      const answered = (): boolean =>
        live.lab.events.events.some(({ kind }) => kind === 'flow-answered');
      await eventually(answered, 'the kernel answers the lab');
      const { text } = await sandbox.run(wan, ['ping', '-c', '2', '-i', '0.2', '10.7.5.2']);
      expect(text).toContain('2 received');
      const page = await sandbox.run(wan, ['curl', '-sS', '-m', '5', 'http://10.7.5.2/']);
      expect(page.text).toContain('203.0.113.1');
    },
  );
});
