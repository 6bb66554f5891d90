/*
 * call_pictures: shows the picture of the other side in a video call, and that
 * of this device in a corner.
 */
import { avatar, h } from '/lib/dom.js';

/* Creates a silent video element: the sound of a call has its own element. */
function screen(kind) {
	const e = h('video', { class: kind, playsinline: true, autoplay: true });

	e.muted = true;
	return e;
}

/* Shows a MediaStream, or nothing if it is null. */
function show(e, stream) {
	e.hidden = stream === null;
	if (e.srcObject === stream) return;
	e.srcObject = stream;
	if (stream !== null) e.play().catch(() => {});
}

/* Says why there is no picture of the other side. */
function absent(c) {
	const name = c.other ?? 'The other side';

	if (c.state !== 'talking' || c.link !== 'connected') return '';
	return c.otherCamera === false ? `The camera of ${name} is off.` : '';
}

/*
 * Returns {view, update}: the element, and a function that makes it show a call.
 * The element persists while the rest of the dialog is drawn again, because a
 * picture that is moved in the document may stop.
 */
export function pictures() {
	const other = screen('other');
	const own = screen('own');
	const empty = h('div', { class: 'empty' });
	const view = h('div', { class: 'pictures', hidden: true }, other, empty, own);
	let call = null;

	function update(c) {
		const on = c.kind === 'video' && ['ringing', 'taking', 'talking'].includes(c.state);

		call = c;
		view.hidden = !on;
		show(own, on && c.camera ? c.stream : null);
		own.ariaLabel = 'Your picture';
		/* A device that does not announce its camera is seen by its frames. */
		show(other, on && c.otherCamera !== false ? c.picture : null);
		other.ariaLabel = `Picture of ${c.other ?? 'the other side'}`;
		const seen = !other.hidden && other.videoWidth > 0;
		other.classList.toggle('waits', !seen);
		empty.hidden = seen;
		empty.replaceChildren(
			avatar(c.otherId, c.other, 'large', c.image),
			h('p', { role: 'status' }, absent(c)),
		);
	}
	/* The first frame has arrived. */
	other.addEventListener('resize', () => update(call));
	return { view, update };
}
