/*
 * call: the state of the call that this tab takes part in, from ringing to the
 * receipt. The server decides the state; this module follows its events.
 */
import { api, get, me, post, postOnce } from '/lib/api.js';
import { toast, toastError } from '/lib/dom.js';
import {
	closeCamera,
	openCamera,
	openDevices,
	release,
	rememberCamera,
	wasCameraOn,
} from './media_devices.js';
import * as live from './realtime.js';
import { Peer } from './webrtc.js';
import * as ring from './ringtone.js';

/*
 * Milliseconds. A connection that is lost is negotiated again every RETRY, so
 * that a slow network has the time to finish one negotiation. After LOST the
 * call is ended: a caller should not pay for a call without sound.
 */
const LOST = 80 * 1000,
	RETRY = 8 * 1000;
/* Milliseconds to wait for the session of a call, and between two attempts. */
const SUM_WAIT = 4000,
	SUM_PAUSE = 500;

/*
 * The current call:
 *	id		of the call; 0 before the server has created it
 *	mine		true if this user is the caller
 *	other, otherId	username and id of the other side
 *	image		URL of the picture of the other side, or null
 *	kind		audio or video
 *	state		offered (the prices are shown), asking (for the microphone),
 *			ringing, incoming, taking, talking, over
 *	since		when the call was accepted, in ms since the epoch
 *	lasts		seconds that the balance of the caller is enough for
 *	low		true while less than a minute of them is left
 *	rate, currency	price of a minute
 *	tariff		the tariff that was offered or, after the start, of the call
 *	tariffs		what is offered, by kind
 *	link		connectionState of the RTCPeerConnection
 *	muted		state of the microphone
 *	stream		MediaStream of microphone and camera
 *	camera		whether the camera is on or, before the call is accepted,
 *			will be turned on
 *	cameraNotice	why the camera could not be turned on
 *	picture		MediaStream of the other side in a video call, or null
 *	otherCamera	whether the camera of the other side is on; null: unknown
 *	session		id of the session
 *	why, text	why the call is over, as a state or an error message
 *	sum		the session after its end
 */
let call = null,
	peer = null,
	starting = null;
let queue = [],
	early = [],
	sending = Promise.resolve(),
	lostAt = 0,
	retryAt = 0;
let recovery;
const watchers = new Set();

export function current() {
	return call;
}

/* Registers f, which is called with the call after each change. */
export function watch(f) {
	watchers.add(f);
}

/* Returns true if another call may replace the current one. */
function isFree() {
	return call === null || ['offered', 'over'].includes(call.state);
}

function changed(more) {
	Object.assign(call, more);
	ring.play(call.state === 'incoming' ? 'in' : call.state === 'ringing' ? 'out' : null);
	for (const f of watchers) f(call);
}

/*
 * Sends a WebRTC signal to the other side. Each one waits for the one before
 * it, so they arrive in order. Server errors are retried four times.
 */
function send(type, data) {
	const id = call.id;

	sending = sending.then(async () => {
		for (let i = 0; i < 5 && call?.id === id && call.state === 'talking'; i++) {
			try {
				await post('/call/signal', { call_id: id, type, data });
				return;
			} catch (e) {
				if (e.status >= 400 && e.status < 429) return;
				await new Promise((f) => setTimeout(f, 500 * 2 ** i));
			}
		}
	});
}

function close() {
	clearInterval(recovery);
	peer?.close();
	peer = null;
	queue = [];
	early = [];
	lostAt = 0;
	document.getElementById('sound')?.remove();
}

function sound(stream) {
	let at = document.getElementById('sound');

	if (at === null) {
		at = document.createElement('audio');
		at.id = 'sound';
		at.autoplay = true;
		document.body.append(at);
	}
	at.srcObject = stream;
	at.play().catch(() => {});
}

/* Records the loss of the connection and schedules a new negotiation. */
function lose() {
	lostAt = Date.now();
	retryAt = lostAt + RETRY;
}

function linked(state) {
	if (state === 'connected') lostAt = 0;
	else if (lostAt === 0) lose();
	changed({ link: state });
}

/*
 * Ends a call whose connection stays lost. The caller negotiates a new one; if
 * both sides did, each would discard the negotiation of the other.
 */
function recover() {
	const now = Date.now();

	if (lostAt === 0) return;
	if (now - lostAt > LOST) {
		toast('The connection was lost. The call has ended.');
		hangUp().catch(toastError);
	} else if (call.mine && now >= retryAt && call.link !== 'connecting') {
		retryAt = now + RETRY;
		peer.offer().catch(() => {});
	}
}

/*
 * Connects the devices after the call was accepted. rtc is the media
 * configuration from the server. back: the page was reloaded during the call.
 */
async function talk(rtc, back) {
	if (rtc.provider !== 'webrtc') {
		toast('This server uses Agora for calls. Use the mobile app to call.');
		release(call.stream);
		await hangUp();
		return;
	}
	lose();
	peer = new Peer({
		servers: rtc.ice_servers,
		mine: call.stream,
		video: call.kind === 'video',
		send,
		onstate: linked,
		onsound: sound,
		onpicture: (picture) => changed({ picture }),
		oncamera: (on) => changed({ otherCamera: on }),
	});
	recovery = setInterval(recover, 1000);
	for (const f of early.splice(0)) f();
	if (call.mine) await peer.offer();
	else if (back) peer.askAgain();
	for (const [type, data] of queue.splice(0)) await peer.take(type, data);
}

/* Makes c, as the API returned it, the current call. */
function resetCall(c, more) {
	const mine = c.caller_id === me().user_id;

	call = {
		id: c.call_id,
		kind: c.kind,
		mine,
		other: mine ? c.callee_username : c.caller_username,
		otherId: mine ? c.callee_id : c.caller_id,
		image: mine ? c.callee_image_thumb_url : c.caller_image_thumb_url,
		state: 'ringing',
		since: 0,
		lasts: 0,
		low: false,
		link: 'new',
		muted: false,
		camera: false,
		cameraNotice: '',
		picture: null,
		otherCamera: null,
		session: c.session_id,
		why: '',
		sum: null,
		...more,
	};
}

/* ---- The caller. */

/* Explains why a call was refused. */
function refusal(e) {
	return e.code === 'rate_changed'
		? 'The price of this listener has changed. Check the new price and call again.'
		: e.message;
}

/*
 * Shows the current prices of calls to a listener, and what is free of charge.
 */
export async function offer(id) {
	const listener = await get(`/listeners/${id}`);
	const offers = await Promise.all(
		listener.kinds.map((kind) => get(`/call/tariff?callee_id=${id}&kind=${kind}`)),
	);

	if (!isFree()) return;
	call = {
		id: 0,
		mine: true,
		other: listener.username,
		otherId: listener.user_id,
		image: listener.profile_image_thumb_url,
		state: 'offered',
		link: 'new',
		tariffs: Object.fromEntries(offers.map((o) => [o.kind, o.tariff])),
	};
	changed({});
}

export async function start(kind) {
	if (call?.state !== 'offered') return;
	const { otherId, tariffs } = call;
	const { rate_per_minute: rate, currency } = tariffs[kind];
	changed({ state: 'asking', kind, tariff: tariffs[kind], rate, currency });
	const devices = await openDevices(kind === 'video', cameraLost);
	if (devices === null || call?.state !== 'asking') {
		release(devices?.stream);
		leave();
		return;
	}
	try {
		live.start();
		/* The price may have changed since it was shown. */
		starting = postOnce('/call/start', {
			callee_id: otherId,
			kind,
			expected_rate: rate,
		});
		const c = await starting;
		const given_up = call?.state !== 'asking';
		resetCall(c, {
			rate: c.tariff.rate_per_minute,
			currency: c.tariff.currency,
			tariff: c.tariff,
			...devices,
		});
		changed({});
		if (given_up) await hangUp();
	} catch (e) {
		release(devices.stream);
		if (e.name !== 'ApiError') throw e;
		over(e.code === 'insufficient_balance' ? 'money' : 'refused', refusal(e));
	} finally {
		starting = null;
	}
}

/* ---- The listener. */

export async function accept() {
	const devices = await openDevices(call.camera, cameraLost);

	if (devices === null || call?.state !== 'incoming') {
		release(devices?.stream);
		return;
	}
	changed({ state: 'taking', ...devices });
	try {
		const c = await post('/call/accept', { call_id: call.id });
		changed({ state: 'talking', since: Date.now(), session: c.session_id });
		await talk(c.rtc, false);
	} catch (e) {
		if (peer === null) release(devices.stream);
		if (call?.state === 'taking' && e.code === 'answered_elsewhere')
			answeredElsewhere();
		else if (call?.state === 'taking') over('ended', e.message);
		else toastError(e);
	}
}

/* Stops ringing, because another device of the user accepted the call. */
function answeredElsewhere() {
	leave();
	toast('The call was accepted on another device.');
}

/* ---- Both sides. */

/* The request that ends a call in each state. */
const endings = { ringing: 'cancel', incoming: 'reject', taking: 'reject', talking: 'end' };

export async function hangUp() {
	if (call === null) return;
	const step = endings[call.state];
	if (['offered', 'asking'].includes(call.state)) {
		leave();
		return;
	}
	if (step === undefined) return;
	const id = call.id;
	try {
		const c = await post(`/call/${step}`, { call_id: id });
		if (call?.id === id) await ended(c);
	} catch (e) {
		/* The call may have ended or been accepted in the meantime. */
		const c = await get(`/calls/${id}`).catch(() => null);
		if (c?.state === 'accepted') await api('POST', '/call/end', { call_id: id });
		else if (c === null) throw e;
		if (call?.id === id) await ended(c);
	}
}

export function mute() {
	peer?.mute(!call.muted);
	changed({ muted: !call.muted });
}

function cameraLost(track) {
	if (!call?.stream?.getVideoTracks().includes(track)) return;
	changed(closeCamera(call.stream, 'The camera was disconnected.'));
	peer?.setCamera().catch(toastError);
}

/*
 * Turns the camera on or off. Before the user has accepted the call, this only
 * changes what accept() will do.
 */
export async function toggleCamera() {
	const { id, camera, stream } = call;

	rememberCamera(id, !camera);
	if (stream === undefined) {
		changed({ camera: !camera });
		return;
	}
	const now = camera ? closeCamera(stream, '') : await openCamera(stream, cameraLost);
	if (now === null || call?.stream !== stream) return;
	changed(now);
	await peer?.setCamera();
}

/* Closes the call dialog. */
export function leave() {
	if (call === null) return;
	close();
	release(call.stream);
	changed({ state: 'gone' });
	call = null;
}

function over(why, text) {
	if (call === null || call.state === 'over') return;
	close();
	release(call.stream);
	changed({ state: 'over', why, text: text ?? '' });
}

/*
 * Returns the session of an ended call, or null if the server rejects the
 * request or the dialog was closed. The network may just have returned, so
 * requests that fail otherwise are repeated.
 */
async function fetchSum(c) {
	while (call?.id === c.call_id) {
		try {
			return await get(`/sessions/${c.session_id}`, SUM_WAIT);
		} catch (e) {
			if (e.status >= 400 && e.status < 500) return null;
			await new Promise((f) => setTimeout(f, SUM_PAUSE));
		}
	}
	return null;
}

/* Ends the call on this page and fetches the session for its cost. */
async function ended(c) {
	over(c.state);
	if (c.session_id === null || c.session_id === undefined || call?.sum) return;
	const sum = await fetchSum(c);
	if (call?.id === c.call_id && sum !== null) changed({ session: c.session_id, sum });
}

/* ---- Events. */

/*
 * Wraps f so that it receives only events of the current call, after its id is
 * known.
 */
function ofCall(f) {
	return async (data) => {
		try {
			await starting?.catch(() => {});
			if (call !== null && call.id === data.call_id && call.state !== 'over')
				await f(data);
		} catch (e) {
			toastError(e);
		}
	};
}

async function incoming(data) {
	if (!isFree()) return;
	/* The event may be old, so ask for the state now. */
	const c = await get(`/calls/${data.call_id}`).catch(() => null);
	if (c?.state !== 'ringing' || c.callee_id !== me()?.user_id || !isFree()) return;
	resetCall(c, { state: 'incoming', camera: c.kind === 'video' });
	changed({});
}

async function accepted(data) {
	if (call.mine && call.state === 'ringing') {
		/* An old event has no credentials: the server returns current ones. */
		const rtc = data.rtc ?? (await get(`/calls/${call.id}`)).rtc;
		if (rtc === undefined || call?.state !== 'ringing') return;
		changed({ state: 'talking', since: Date.now(), session: data.session_id });
		await talk(rtc, false);
	} else if (call.state === 'incoming') {
		answeredElsewhere();
	}
}

/* New credentials apply to connections that are negotiated later. */
function renew(data) {
	if (data.rtc?.ice_servers !== undefined) peer?.renew(data.rtc.ice_servers);
}

async function signal(data) {
	if (peer === null) queue.push([data.type, data.data]);
	else await peer.take(data.type, data.data);
}

/*
 * Wraps f so that it receives only events of the current session. An event may
 * arrive before the response that contains the id of the session.
 */
function ofSession(f) {
	const g = (data) => {
		if (call?.session === data.session_id && call.state === 'talking') f(data);
	};

	return (data) => {
		if (['ringing', 'incoming', 'taking'].includes(call?.state))
			early.push(() => g(data));
		else g(data);
	};
}

/* Reads the state from the server after a reload or after missed events. */
export async function look() {
	if (starting !== null) return;
	if (call !== null && call.state !== 'over' && call.id !== 0) {
		const c = await get(`/calls/${call.id}`);
		if (['ringing', 'accepted'].includes(c.state)) {
			if (c.state === 'accepted' && call.mine && call.state === 'ringing')
				await accepted({ session_id: c.session_id, rtc: c.rtc });
		} else if (call?.id === c.call_id) {
			await ended(c);
		}
		return;
	}
	for (const state of ['accepted', 'ringing']) {
		const page = await get(`/calls/history?state=${state}&per_page=1`);
		if (page.calls.length > 0 && call === null) await resume(page.calls[0]);
	}
}

/* Continues a call that was active before the page was reloaded. */
async function resume(seen) {
	if (seen.state === 'ringing' && seen.callee_id === me().user_id) {
		await incoming(seen);
		return;
	}
	const c = await get(`/calls/${seen.call_id}`);
	/* Another device takes part in the call. */
	if (c.rtc === undefined) return;
	const camera = c.kind === 'video' && wasCameraOn(c.call_id);
	const devices = await openDevices(camera, cameraLost);
	if (devices === null || call !== null) {
		release(devices?.stream);
		return;
	}
	resetCall(c, devices);
	if (c.state === 'ringing') {
		changed({});
		return;
	}
	const s = await get(`/sessions/${c.session_id}`);
	changed({
		state: 'talking',
		since: Math.min(Date.now(), Date.parse(c.accepted_at)),
		rate: s.rate_per_minute,
		currency: s.currency,
	});
	await talk(c.rtc, true);
}

live.on('call.incoming', (data) => incoming(data).catch(toastError));
live.on('call.accepted', ofCall(accepted));
live.on('call.credential', ofCall(renew));
live.on('call.signal', ofCall(signal));
for (const end of ['rejected', 'cancelled', 'missed', 'ended'])
	live.on(
		`call.${end}`,
		ofCall(async (data) => {
			await ended({ ...data, state: end });
		}),
	);
live.on('session.started', (data) => {
	if (call !== null && call.mine)
		changed({ lasts: data.max_seconds ?? 0, rate: data.rate_per_minute });
});
live.on(
	'session.extended',
	ofSession((data) => {
		renew(data);
		changed({ low: false, lasts: data.max_seconds ?? call.lasts });
	}),
);
live.on(
	'session.low_balance',
	ofSession((data) =>
		changed({ low: true, lasts: (Date.now() - call.since) / 1000 + data.seconds_left }),
	),
);
live.on('resync', () => look().catch(() => {}));
live.on('open', () => look().catch(() => {}));
addEventListener('beforeunload', (e) => {
	if (call?.state === 'talking') e.preventDefault();
});
