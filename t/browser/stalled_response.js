/*
 * Tests ask() of nginx/html/lib/api.js with responses whose body does not
 * arrive. usage: node stalled_response.js FOLDER-OF-LIB
 */
const assert = require('node:assert');

const unreachable = { name: 'ApiError', status: 0, code: 'unreachable' };

/* Never ends, except by the signal. */
function stall(signal) {
	return new Promise((resolve, reject) => {
		const alive = setInterval(() => {}, 1000);
		signal.addEventListener('abort', () => {
			clearInterval(alive);
			reject(signal.reason);
		});
	});
}

async function main() {
	const { ask } = await import(`${process.argv[2]}/api.js`);

	globalThis.fetch = async (path, { signal }) => ({ ok: true, text: () => stall(signal) });
	await assert.rejects(ask('GET', '/user/profile', undefined, {}, { wait: 50 }), unreachable);

	globalThis.fetch = async () => ({
		ok: true,
		text: () => Promise.reject(new TypeError('network error')),
	});
	await assert.rejects(ask('POST', '/call/start', {}), unreachable);
}

main();
