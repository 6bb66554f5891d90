/*
 * front: the app through a second nginx with TLS and HTTP/2. The page, its
 * requests and server-sent events use HTTP/2. The server does not offer
 * WebSockets over HTTP/2 (RFC 8441), so the browser opens a connection with
 * HTTP/1.1 for the WebSocket of the page.
 *
 *	node front.js '{"url": ..., "name": ..., "password": ..., "send": ...}'
 *
 * url    the second nginx
 * send   a command that sends the user a notification
 *
 * Prints JSON: {"page", "script", "events", "socket": the protocols, "offered":
 * whether the server offers RFC 8441, "wrong": [...]}.
 */
'use strict';

const { once } = require('events');
const http2 = require('http2');
const { enter, finish, run } = require('./page.js');

const want = JSON.parse(process.argv[2]);
const wrong = [];
const people = [];
const result = { wrong };

/* Returns the value of SETTINGS_ENABLE_CONNECT_PROTOCOL of the server. */
async function extendedConnect() {
	const session = http2.connect(want.url, { rejectUnauthorized: false });
	const [settings] = await once(session, 'remoteSettings');

	session.close();
	return settings.enableConnectProtocol === true;
}

/*
 * Stores the protocols of responses and of the WebSocket. A WebSocket over
 * HTTP/2 would have neither a status line nor the status 101.
 */
async function recordProtocols(page) {
	const cdp = await page.context().newCDPSession(page);

	await cdp.send('Network.enable');
	cdp.on('Network.responseReceived', ({ response }) => {
		const { pathname } = new URL(response.url);

		if (pathname === '/app/') result.page = response.protocol;
		else if (pathname === '/app/realtime.js') result.script = response.protocol;
		else if (pathname === '/api/v1/realtime') result.events = response.protocol;
	});
	cdp.on('Network.webSocketHandshakeResponseReceived', ({ response }) => {
		[result.socket] = (response.headersText ?? `${response.status}`).split('\r\n');
	});
}

/* Runs in the page. Opens server-sent events as other pages of the origin do. */
async function openEvents() {
	const session = await (await fetch('/auth/session')).json();
	const { ticket } = await (
		await fetch('/realtime/ticket', {
			method: 'POST',
			headers: { 'X-CSRF-Token': session.csrf_token },
		})
	).json();
	const events = new EventSource(`/api/v1/realtime?ticket=${ticket}`);

	window.titles = [];
	events.addEventListener('notification.new', (e) => window.titles.push(e.data));
	await new Promise((done, failed) => {
		events.onopen = done;
		events.onerror = () => failed(new Error('no server-sent events'));
	});
}

(async () => {
	const who = await enter(people, '/app/', want.name, want.password, {
		is: want.name,
		wide: true,
		wrong,
		url: want.url,
		args: ['--ignore-certificate-errors'],
	});
	const { page } = who;
	let frames = 0;

	await page.waitForEvent('websocket');
	/* Loads the page again, to see all of its requests. */
	await recordProtocols(page);
	const opened = page.waitForEvent('websocket');
	await page.reload();
	const socket = await opened;

	socket.on('framereceived', ({ payload }) => {
		if (payload.includes('"notification.new"')) frames++;
	});
	await socket.waitForEvent('framereceived');
	await page.evaluate(openEvents);
	run(want.send);
	await page.waitForFunction(() => window.titles.length > 0);
	for (let i = 0; frames === 0 && i < 300; i++) await page.waitForTimeout(100);
	if (frames !== 1) wrong.push(`the WebSocket received ${frames} notifications`);
	result.offered = await extendedConnect();
})()
	.catch((e) => wrong.push(e.stack))
	.finally(() => finish(people, result));
