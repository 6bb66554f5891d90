/*
 * realtime: receives events over a WebSocket. It reconnects and resumes after
 * the last event seen. While it cannot connect, it polls GET /events. An open
 * connection makes the user online; stop() closes it.
 */
import { get } from '/lib/api.js';
import { toastError } from '/lib/dom.js';

const SEEN = 'earmark.seen';
const SIGNED_OUT = 1008;
/*
 * Milliseconds between two pings, and to wait for a pong or for a connection to
 * open.
 */
const PING = 25 * 1000,
	PONG = 10 * 1000;

const bus = new EventTarget();
let wanted = false,
	socket = null,
	tries = 0;
let retryTimer, pingTimer, pongTimer;
/* Sequence number of the last event; -1 before the first one. */
let seen = Number(sessionStorage.getItem(SEEN) ?? -1);

/*
 * Calls f with the data of each event of a type. Returns a function that
 * removes f.
 */
export function on(type, f) {
	const g = (e) => f(e.detail);

	bus.addEventListener(type, g);
	return () => bus.removeEventListener(type, g);
}

function emit(type, data) {
	bus.dispatchEvent(new CustomEvent(type, { detail: data }));
}

export function isOpen() {
	return socket?.readyState === WebSocket.OPEN;
}

function upTo(seq) {
	seen = seq;
	sessionStorage.setItem(SEEN, String(seq));
}

/*
 * Emits each event once, in order. Events without a sequence number are not
 * stored.
 */
function take(e) {
	if (e.seq !== undefined && e.seq !== null) {
		if (seen >= 0 && e.seq <= seen) return;
		upTo(e.seq);
	}
	emit(e.type, e.data ?? {});
}

function receive(text) {
	const e = JSON.parse(text);

	clearTimeout(pongTimer);
	if (e.type === 'pong') return;
	if (e.type === 'ready' || e.type === 'resync') {
		const last = e.seq ?? e.data?.last ?? e.last;
		if (typeof last === 'number') upTo(last);
		emit(e.type, {});
		return;
	}
	take(e);
}

function ping() {
	if (!isOpen()) return;
	socket.send('{"type":"ping"}');
	clearTimeout(pongTimer);
	pongTimer = setTimeout(lost, PONG);
}

function drop() {
	clearInterval(pingTimer);
	clearTimeout(pongTimer);
	clearTimeout(retryTimer);
	if (socket !== null) socket.onopen = socket.onmessage = socket.onclose = null;
	socket?.close();
	socket = null;
}

/*
 * Reconnects after a back-off with jitter, so that clients do not all return at
 * once.
 */
function later() {
	const wait = Math.min(10000, 200 * 2 ** tries++);

	clearTimeout(retryTimer);
	retryTimer = setTimeout(connect, wait / 2 + (Math.random() * wait) / 2);
}

/*
 * Gives up a connection without an answer. Its close event may be a minute late
 * if the network is lost, so it is not waited for.
 */
function lost() {
	drop();
	emit('closed', {});
	if (wanted) later();
}

/* Fetches new events over HTTP while the WebSocket cannot connect. */
async function poll() {
	if (seen < 0) {
		/* Signs the page out if the session has ended. */
		await get('/user/profile');
		return;
	}
	const page = await get(`/events?after=${seen}`);
	if (page.resync) {
		upTo(page.last);
		emit('resync', {});
		return;
	}
	page.events.forEach(take);
}

async function connect() {
	if (!wanted || socket !== null) return;
	try {
		if (tries > 1) await poll();
	} catch {
		if (wanted) later();
		return;
	}
	if (!wanted || socket !== null) return;
	const host = location.origin.replace(/^http/, 'ws');
	const after = seen < 0 ? '' : `?after=${seen}`;
	socket = new WebSocket(`${host}/realtime${after}`, ['earmark.v1']);
	pongTimer = setTimeout(lost, PONG);
	socket.onopen = () => {
		tries = 0;
		clearTimeout(pongTimer);
		pingTimer = setInterval(ping, PING);
		emit('open', {});
	};
	socket.onmessage = (m) => receive(m.data);
	socket.onclose = (e) => {
		/*
		 * The session ended elsewhere, or the user was banned: the API
		 * returns the reason.
		 */
		if (e.code === SIGNED_OUT) get('/user/profile').catch(toastError);
		lost();
	};
}

export function start() {
	wanted = true;
	connect();
}

export function stop() {
	wanted = false;
	drop();
	emit('closed', {});
}

/* Forgets the last event, for the next user who signs in. */
export function reset() {
	stop();
	seen = -1;
	tries = 0;
}

/* Reconnects at once when the tab becomes visible or the network returns. */
function wake() {
	if (!wanted || document.hidden) return;
	if (isOpen()) {
		ping();
		return;
	}
	tries = Math.min(tries, 1);
	/* A connection that was begun without a network may never open. */
	drop();
	connect();
}
addEventListener('online', wake);
document.addEventListener('visibilitychange', wake);
