import { createServer, get, type Server } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { closeServer, listenOnLoopback } from '../../src/platform/loopback.ts';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) if (server.listening) await closeServer(server);
});

/** Answers a request with half a reply. */
function slow(): Server {
  const server = createServer((_request, response) => {
    response.writeHead(200);
    response.write('half');
  });
  servers.push(server);
  return server;
}

describe('a server of the lab', () => {
  test('listens on 127.0.0.1 alone, and says on which port', async () => {
    const server = slow();
    const port = await listenOnLoopback(server, 0, '--port');
    expect(server.address()).toMatchObject({ address: '127.0.0.1', port });
  });

  test('says of a port in use that it is the environment, and which option to leave out', async () => {
    const port = await listenOnLoopback(slow(), 0, '--port');
    await expect(listenOnLoopback(slow(), port, '--web-port')).rejects.toMatchObject({
      code: 'EGL_PORT_IN_USE',
      fault: 'environment',
      message: `cannot listen on 127.0.0.1:${port}: it is in use`,
      hint: 'Leave --web-port out to get a free one.',
    });
  });

  test('ends although a client still waits for an answer', async () => {
    const server = slow();
    const port = await listenOnLoopback(server, 0, '--port');
    const cut = new Promise((resolve) => {
      const request = get({ host: '127.0.0.1', port }, (response) => {
        response.on('data', () => {
          void closeServer(server);
        });
        response.on('error', resolve);
      });
      request.on('error', resolve);
    });
    await expect(cut).resolves.toMatchObject({ code: 'ECONNRESET' });
    expect(server.listening).toBe(false);
  });
});
