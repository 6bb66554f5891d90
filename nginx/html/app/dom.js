/*
 * dom: elements, icons, and how things are worded. Nothing here is parsed as
 * HTML: what comes from people is text.
 */

/* An element: h('button', {class: 'first', onclick: f}, 'Call', ...). */
export function h(tag, props, ...kids) {
	const e = document.createElement(tag);

	for (const [key, value] of Object.entries(props ?? {})) {
		if (value === null || value === undefined || value === false)
			continue;
		if (key.startsWith('on'))
			e.addEventListener(key.slice(2), value);
		else
			e.setAttribute(key, value === true ? '' : value);
	}
	e.append(...kids.flat(3).filter((k) => k !== null && k !== undefined &&
	    k !== false));
	return e;
}

const paths = {
	phone: 'M6.5 3.5 9 4l1.2 4-2 1.6a12 12 0 0 0 6.2 6.2l1.6-2 4 1.2' +
	    '.5 2.5a2 2 0 0 1-2 2.5C10.5 20 4 13.5 4 5.5a2 2 0 0 1 2.5-2z',
	heart: 'M12 20s-7.5-4.6-7.5-10.2A4.2 4.2 0 0 1 12 7.2a4.2 ' +
	    '4.2 0 0 1 7.5 2.6C19.5 15.4 12 20 12 20z',
	find: 'M11 4a7 7 0 1 1 0 14a7 7 0 0 1 0-14zM16.2 16.2 20.5 20.5',
	wallet: 'M4 7.5h14a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2zm0 0' +
	    'a2 2 0 0 1 2-2h10.5v2M16 13.5h.01',
	clock: 'M12 4a8 8 0 1 1 0 16a8 8 0 0 1 0-16zM12 8v4.5l3 1.8',
	work: 'M4.5 13.5a7.5 7.5 0 0 1 15 0M4.5 13.5v4a1.5 1.5 0 0 0 ' +
	    '1.5 1.5h1.5v-6h-3zM19.5 13.5v4a1.5 1.5 0 0 1-1.5 ' +
	    '1.5h-1.5v-6h3z',
	mic: 'M12 4a2.5 2.5 0 0 1 2.5 2.5v5a2.5 2.5 0 0 1-5 0v-5A2.5 ' +
	    '2.5 0 0 1 12 4zM6.5 11.5a5.5 5.5 0 0 0 11 0M12 17v3',
	out: 'M10 5H6a1.5 1.5 0 0 0-1.5 1.5v11A1.5 1.5 0 0 0 6 ' +
	    '19h4M14.5 8.5 18 12l-3.5 3.5M18 12H9.5',
	star: 'M12 4.5l2.3 4.8 5.2.7-3.8 3.6.95 5.2L12 16.3l-4.65 2.5' +
	    '.95-5.2L4.5 10l5.2-.7z',
	back: 'M14 6.5 8.5 12l5.5 5.5',
};

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
export function face(id, name, more) {
	return h('span', { class: `face tint${Number(id) % 6} ${more ?? ''}`,
	    'aria-hidden': 'true' }, (name ?? '?').slice(0, 1).toUpperCase());
}

/* An amount in the currency's minor unit. */
export function money(amount, currency) {
	const f = new Intl.NumberFormat(undefined, { style: 'currency',
	    currency: currency ?? 'INR' });

	return f.format(amount / 10 ** f.resolvedOptions().maximumFractionDigits);
}

export function duration(seconds) {
	const s = Math.max(0, Math.floor(seconds));
	const two = (n) => String(n).padStart(2, '0');

	return s < 3600 ? `${two(Math.floor(s / 60))}:${two(s % 60)}` :
	    `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:` +
	    two(s % 60);
}

export function when(iso) {
	const d = new Date(iso);
	const today = d.toDateString() === new Date().toDateString();

	return today ? d.toLocaleTimeString(undefined, { hour: '2-digit',
	    minute: '2-digit' }) : d.toLocaleDateString(undefined,
	    { day: 'numeric', month: 'short', hour: '2-digit',
	    minute: '2-digit' });
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

export function tell(text) {
	const at = document.querySelector('.told');

	clearTimeout(telling);
	at.replaceChildren(h('p', null, text));
	/* What is in front of all else takes it along. */
	(document.querySelector('dialog[open]:last-of-type') ?? document.body)
	    .append(at);
	telling = setTimeout(() => at.replaceChildren(), 6000);
}

/* What went wrong, worded: the API's own sentence. */
export function sorry(e) {
	if (e.name !== 'ApiError')
		console.error(e);
	tell(e.name === 'ApiError' ? e.message : 'Something went wrong here.');
}

/* f, with its button out of use while it runs. */
export function busy(button, f) {
	return async (event) => {
		event?.preventDefault();
		if (button.disabled)
			return;
		button.disabled = true;
		try {
			await f(event);
		} catch (e) {
			sorry(e);
		} finally {
			button.disabled = false;
		}
	};
}
