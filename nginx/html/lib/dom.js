/*
 * dom: creates elements and icons, and formats values for display. Nothing is
 * parsed as HTML: texts of users are inserted as text nodes.
 */
import { paths } from './icons.js';

/*
 * Creates an element: h('button', {class: 'btn-primary', onclick: f}, 'Call').
 * Properties and children that are null, undefined or false are left out.
 */
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

/*
 * Returns the picture of a user. Without a picture, or if it cannot be loaded,
 * this is the first letter of the name on a color that depends on the id. The
 * policy of the pages permits images of their own host only, which the URL of
 * the API may name differently.
 */
export function avatar(id, name, more, url) {
	const letter = h(
		'span',
		{ class: `avatar tint${Number(id) % 6} ${more ?? ''}`, 'aria-hidden': 'true' },
		(name ?? '?').slice(0, 1).toUpperCase(),
	);

	if (url === null || url === undefined) return letter;
	const img = h('img', {
		class: `avatar ${more ?? ''}`,
		alt: `Picture of ${name}`,
		loading: 'lazy',
		src: new URL(url).pathname,
	});
	img.addEventListener('error', () => img.replaceWith(letter));
	return img;
}

/* Formats an amount, which is in the minor unit of the currency. */
export function money(amount, currency) {
	const f = new Intl.NumberFormat(undefined, {
		style: 'currency',
		currency: currency ?? 'INR',
	});

	return f.format(amount / 10 ** f.resolvedOptions().maximumFractionDigits);
}

/* Returns the number of decimal places of amounts in a currency. */
function digitsOf(currency) {
	return new Intl.NumberFormat('en', {
		style: 'currency',
		currency,
	}).resolvedOptions().maximumFractionDigits;
}

/* Converts minor units to a decimal number, without rounding. For CSV files. */
export function decimal(n, currency) {
	if (n === null || n === undefined) return '';
	const digits = digitsOf(currency);
	const text = String(Math.abs(n)).padStart(digits + 1, '0');

	return (
		(n < 0 ? '-' : '') +
		(digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`)
	);
}

/*
 * Parses an amount. Returns it in minor units, or NaN if the text is invalid.
 */
export function minor(text, currency) {
	const digits = digitsOf(currency);
	const m = /^\s*([+-]?)(\d{1,12})(?:[.,](\d*))?\s*$/.exec(text);

	if (m === null || (m[3] ?? '').length > digits) return NaN;
	return Number(`${m[1]}${m[2]}${(m[3] ?? '').padEnd(digits, '0')}`);
}

/* Formats a number of seconds as mm:ss or h:mm:ss. */
export function duration(seconds) {
	const s = Math.max(0, Math.floor(seconds));
	const two = (n) => String(n).padStart(2, '0');

	return s < 3600
		? `${two(Math.floor(s / 60))}:${two(s % 60)}`
		: `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:` + two(s % 60);
}

/*
 * Formats an ISO 8601 time: without the date if it is today, with the year if it
 * is another one.
 */
export function when(iso) {
	const d = new Date(iso);
	const now = new Date();
	const today = d.toDateString() === now.toDateString();

	return today
		? d.toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' })
		: d.toLocaleDateString(undefined, {
				day: 'numeric',
				month: 'short',
				year: d.getFullYear() === now.getFullYear() ? undefined : 'numeric',
				hour: '2-digit',
				minute: '2-digit',
			});
}

/* The days of the hours of listeners. */
export const DAYS = {
	mon: 'Monday',
	tue: 'Tuesday',
	wed: 'Wednesday',
	thu: 'Thursday',
	fri: 'Friday',
	sat: 'Saturday',
	sun: 'Sunday',
};

const names = new Intl.DisplayNames(['en'], { type: 'language' });

export function language(code) {
	try {
		return names.of(code);
	} catch {
		return code;
	}
}

const toastElement = document.querySelector('.toast');
let toastTimer,
	/* The message is about a failure. */
	toastFailed = false;

/* Shows a message at the bottom for 6 seconds. Screen readers announce it. */
export function toast(text) {
	const at = toastElement;
	const dialog = document.querySelector('dialog[open]:last-of-type');

	clearTimeout(toastTimer);
	toastFailed = false;
	at.replaceChildren(h('p', null, text));
	/*
	 * An open modal dialog covers all other elements, so the message moves
	 * into it until it is closed.
	 */
	(dialog ?? document.body).append(at);
	dialog?.addEventListener(
		'close',
		() => {
			if (dialog.contains(at)) document.body.append(at);
		},
		{ once: true },
	);
	toastTimer = setTimeout(() => at.replaceChildren(), 6000);
}

/* Returns a message for the user: for an API error, the message of the API. */
export function errorText(e) {
	if (e.name === 'ApiError') return e.message;
	console.error(e);
	return 'Something went wrong on this page. Reload it and try again.';
}

export function toastError(e) {
	toast(errorText(e));
	toastFailed = true;
}

/*
 * Calls load(), which fills the element at. After half a second it shows that
 * the content is loading. If load() fails, the reason and a button that tries
 * again are shown.
 */
export function loadInto(at, load) {
	const tag = at.tagName === 'UL' ? 'li' : 'div';
	const waits = h(tag, { class: 'empty', role: 'status' }, 'Loading …');
	const timer = setTimeout(() => at.append(waits), 500);

	load()
		.catch((e) => {
			const b = h('button', { type: 'button' }, 'Try again');
			const said = h(
				tag,
				{ class: 'note', role: 'alert' },
				h('p', null, errorText(e)),
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

/*
 * Returns an event listener that disables the button while f runs. A disabled
 * button loses the focus, so it is restored unless f moved it. The message about
 * an earlier failure is removed.
 */
export function busy(button, f) {
	return async (event) => {
		event?.preventDefault();
		if (button.disabled) return;
		const focused = button === document.activeElement;
		button.disabled = true;
		if (toastFailed) toastElement.replaceChildren();
		try {
			await f(event);
		} catch (e) {
			toastError(e);
		} finally {
			button.disabled = false;
			if (focused && document.activeElement === document.body) button.focus();
		}
	};
}

/*
 * Calls f when the user pauses while typing in an input. Returns a function that
 * cancels the next call.
 */
export function whenTyped(input, f) {
	let timer;

	input.addEventListener('input', () => {
		clearTimeout(timer);
		timer = setTimeout(f, 250);
	});
	return () => clearTimeout(timer);
}
