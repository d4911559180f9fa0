// Becomes build/index.js: starts the server that adapter-node wrote, and tells it the address people see.
import process from 'node:process';

const loopback = new Set(['127.0.0.1', 'localhost', '[::1]']);
const { ORIGIN, HOST = '' } = process.env;
/** Null: adapter-node's own rules hold (https, or what PROTOCOL_HEADER says). */
const origin = ORIGIN ? new URL(ORIGIN) : loopback.has(HOST) ? new URL(`http://${HOST}`) : null;

if (origin !== null) {
  process.env.PROTOCOL_HEADER = 'x-threadline-protocol';
  process.env.HOST_HEADER = 'x-threadline-host';
}

const { server, host, port, path } = await import('./listen.js');

// Requests are answered in a later turn of the event loop, so none slips past this listener.
server.prependListener('request', (request) => {
  if (origin === null) return;
  request.headers['x-threadline-protocol'] = origin.protocol.slice(0, -1);
  request.headers['x-threadline-host'] = publicHost(request.headers.host, origin);
});

/**
 * On one's own machine 127.0.0.1 and localhost are the same place, and people open either.
 * @param {string | undefined} requested the Host header
 * @param {URL} configured
 * @returns {string}
 */
function publicHost(requested, configured) {
  if (requested === undefined || !loopback.has(configured.hostname)) return configured.host;
  return loopback.has(requested.replace(/:\d+$/, '')) ? requested : configured.host;
}

export { server, host, port, path };
