/*
 * realtime: what happens, as it happens. A WebSocket that comes back by itself and
 * resumes behind the last event seen; while it can not be had, GET /events.
 * An open one is presence: who wants to be offline closes it.
 */
import { get, token } from '/lib/api.js';
import { toastError } from '/lib/dom.js';

const SEEN = 'earmark.seen';
const SIGNED_OUT = 1008;
const PING = 25 * 1000,
	PONG = 10 * 1000;

const bus = new EventTarget();
let wanted = false,
	socket = null,
	tries = 0;
let again, beat, silence;
let seen = Number(sessionStorage.getItem(SEEN) ?? -1);

/* f gets an event's data; returns what takes it off again. */
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

/* An event, once each and in order; some have no number and are not kept. */
function take(e) {
	if (e.seq !== undefined && e.seq !== null) {
		if (seen >= 0 && e.seq <= seen) return;
		upTo(e.seq);
	}
	emit(e.type, e.data ?? {});
}

function hear(text) {
	const e = JSON.parse(text);

	clearTimeout(silence);
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
	clearTimeout(silence);
	silence = setTimeout(() => socket?.close(), PONG);
}

function drop() {
	clearInterval(beat);
	clearTimeout(silence);
	clearTimeout(again);
	if (socket !== null) socket.onopen = socket.onmessage = socket.onclose = null;
	socket?.close();
	socket = null;
}

function later() {
	/* Not all at once, after a restart of the server. */
	const wait = Math.min(10000, 200 * 2 ** tries++);

	clearTimeout(again);
	again = setTimeout(connect, wait / 2 + (Math.random() * wait) / 2);
}

/* The connection can not be had: at least ask. */
async function poll() {
	if (seen < 0) return;
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
	let bearer;
	try {
		bearer = await token(false);
		if (tries > 1) await poll();
	} catch {
		if (wanted) later();
		return;
	}
	if (!wanted || socket !== null) return;
	const host = location.origin.replace(/^http/, 'ws');
	const after = seen < 0 ? '' : `?after=${seen}`;
	socket = new WebSocket(`${host}/realtime${after}`, ['earmark.v1', `bearer.${bearer}`]);
	socket.onopen = () => {
		tries = 0;
		beat = setInterval(ping, PING);
		emit('open', {});
	};
	socket.onmessage = (m) => hear(m.data);
	socket.onclose = (e) => {
		drop();
		emit('closed', {});
		/* Signed out from elsewhere, or banned: the API says which. */
		if (e.code === SIGNED_OUT) get('/user/profile').catch(toastError);
		if (wanted) later();
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

/* Another person signs in: nothing was seen. */
export function reset() {
	stop();
	seen = -1;
	tries = 0;
}

/* Who comes back to the tab, or to the network, does not wait. */
function wake() {
	if (!wanted || document.hidden) return;
	if (isOpen()) {
		ping();
		return;
	}
	tries = Math.min(tries, 1);
	clearTimeout(again);
	connect();
}
addEventListener('online', wake);
document.addEventListener('visibilitychange', wake);
