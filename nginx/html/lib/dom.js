/*
 * dom: elements, icons, and how things are worded. Nothing here is parsed as
 * HTML: what comes from people is text.
 */
import { paths } from './icons.js';

/* An element: h('button', {class: 'btn-primary', onclick: f}, 'Call', ...). */
export function h(tag, props, ...kids) {
	const e = document.createElement(tag);

	for (const [key, value] of Object.entries(props ?? {})) {
		if (value === null || value === undefined || value === false) continue;
		if (key.startsWith('on')) e.addEventListener(key.slice(2), value);
		else e.setAttribute(key, value === true ? '' : value);
	}
	e.append(...kids.flat(3).filter((k) => k !== null && k !== undefined && k !== false));
	return e;
}

export function icon(name, more) {
	const ns = 'http://www.w3.org/2000/svg';
	const svg = document.createElementNS(ns, 'svg');
	const path = document.createElementNS(ns, 'path');

	svg.setAttribute('viewBox', '0 0 24 24');
	svg.setAttribute('class', `icon ${more ?? ''}`);
	svg.setAttribute('aria-hidden', 'true');
	path.setAttribute('d', paths[name]);
	svg.append(path);
	return svg;
}

/* Somebody's first letter on a colour of their own. */
export function avatar(id, name, more) {
	return h(
		'span',
		{ class: `avatar tint${Number(id) % 6} ${more ?? ''}`, 'aria-hidden': 'true' },
		(name ?? '?').slice(0, 1).toUpperCase(),
	);
}

/* An amount in the currency's minor unit. */
export function money(amount, currency) {
	const f = new Intl.NumberFormat(undefined, {
		style: 'currency',
		currency: currency ?? 'INR',
	});

	return f.format(amount / 10 ** f.resolvedOptions().maximumFractionDigits);
}

export function duration(seconds) {
	const s = Math.max(0, Math.floor(seconds));
	const two = (n) => String(n).padStart(2, '0');

	return s < 3600
		? `${two(Math.floor(s / 60))}:${two(s % 60)}`
		: `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:` + two(s % 60);
}

export function when(iso) {
	const d = new Date(iso);
	const today = d.toDateString() === new Date().toDateString();

	return today
		? d.toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' })
		: d.toLocaleDateString(undefined, {
				day: 'numeric',
				month: 'short',
				hour: '2-digit',
				minute: '2-digit',
			});
}

const names = new Intl.DisplayNames(['en'], { type: 'language' });

export function language(code) {
	try {
		return names.of(code);
	} catch {
		return code;
	}
}

/* A sentence at the bottom, also for who listens to the screen. */
let telling;

export function toast(text) {
	const at = document.querySelector('.toast');

	clearTimeout(telling);
	at.replaceChildren(h('p', null, text));
	/* What is in front of all else takes it along. */
	(document.querySelector('dialog[open]:last-of-type') ?? document.body).append(at);
	telling = setTimeout(() => at.replaceChildren(), 6000);
}

/* What went wrong, worded: the API's own sentence. */
export function worded(e) {
	if (e.name === 'ApiError') return e.message;
	console.error(e);
	return 'Something went wrong here.';
}

export function toastError(e) {
	toast(worded(e));
}

/*
 * load() fills an element. Where that takes a while it says so; what could not
 * be read says why, and can be tried again.
 */
export function loadInto(at, load) {
	const tag = at.tagName === 'UL' ? 'li' : 'div';
	const waits = h(tag, { class: 'empty', role: 'status' }, 'Reading …');
	const timer = setTimeout(() => at.append(waits), 500);

	load()
		.catch((e) => {
			const b = h('button', { type: 'button' }, 'Try again');
			const said = h(
				tag,
				{ class: 'note', role: 'alert' },
				h('p', null, worded(e)),
				b,
			);
			b.addEventListener(
				'click',
				busy(b, async () => {
					await load();
					said.remove();
				}),
			);
			at.append(said);
		})
		.finally(() => {
			clearTimeout(timer);
			waits.remove();
		});
}

/* f, with its button out of use while it runs. */
export function busy(button, f) {
	return async (event) => {
		event?.preventDefault();
		if (button.disabled) return;
		button.disabled = true;
		try {
			await f(event);
		} catch (e) {
			toastError(e);
		} finally {
			button.disabled = false;
		}
	};
}
