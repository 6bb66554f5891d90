/*
 * Tests ask() of nginx/html/lib/api.js with responses whose body does not
 * arrive. usage: node stalled_response.js FOLDER-OF-LIB
 */
import assert from 'node:assert';

const { ask } = await import(`${process.argv[2]}/api.js`);
const unreachable = { name: 'ApiError', status: 0, code: 'unreachable' };

globalThis.fetch = async (path, { signal }) => ({
	ok: true,
	status: 200,
	text: () =>
		new Promise((resolve, reject) => {
			signal.addEventListener('abort', () => reject(signal.reason));
		}),
});
const alive = setInterval(() => {}, 1000); /* keeps node waiting */
await assert.rejects(ask('GET', '/user/profile', undefined, {}, { wait: 50 }), unreachable);
clearInterval(alive);

globalThis.fetch = async () => ({
	ok: true,
	status: 200,
	text: () => Promise.reject(new TypeError('network error')),
});
await assert.rejects(ask('POST', '/call/start', {}), unreachable);
