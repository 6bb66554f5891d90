/*
 * link: a TCP link to the server that can be cut. Connections that existed at
 * that time stay dead, as after a change of the network. New ones get no answer
 * until the link is restored.
 */
'use strict';

const net = require('net');

/*
 * Returns {url, cut(), restore(), close()} for a URL of the server. url is the
 * same path behind the link.
 */
async function link(url) {
	const to = new URL(url);
	const here = new URL(url);
	const ends = new Set();
	let up = true;
	const server = net.createServer((near) => {
		ends.add(near);
		near.on('error', () => {});
		if (!up) return;
		const far = net.connect(to.port, to.hostname);
		ends.add(far);
		far.on('error', () => near.destroy());
		/* Without a link, the server does not learn of a close. */
		near.on('close', () => up && far.destroy());
		near.pipe(far).pipe(near);
	});

	await new Promise((f) => server.listen(0, '127.0.0.1', f));
	here.port = server.address().port;
	return {
		url: here.href,
		cut() {
			up = false;
			for (const e of ends) e.unpipe().pause();
		},
		restore() {
			up = true;
		},
		close() {
			server.close();
			for (const e of ends) e.destroy();
		},
	};
}

/*
 * Lets the requests of a page fail and tells it that it is offline. Returns a
 * function that undoes this. context.setOffline() would also hold back the
 * messages of WebSockets, for which chromium uses a whole core.
 */
async function goOffline(page) {
	const cdp = await page.context().newCDPSession(page);
	const unlimited = { latency: 0, downloadThroughput: -1, uploadThroughput: -1 };
	const set = async (offline) => {
		const rules = offline ? [{ urlPattern: 'http://*:*/*', ...unlimited }] : [];

		await cdp.send('Network.emulateNetworkConditionsByRule', {
			offline,
			matchedNetworkConditions: rules,
		});
		await cdp.send('Network.overrideNetworkState', { offline, ...unlimited });
	};

	await cdp.send('Network.enable');
	await set(true);
	return () => set(false);
}

module.exports = { goOffline, link };
