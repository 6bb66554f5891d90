/*
 * list: a long list: filters, pages by cursor, and all of it as a file. Filters
 * and pages are in the address, so that they can be sent, and gone back to.
 *
 *	listing(at, {
 *		title, path: '/admin/users', member: 'users',
 *		filters: [{ name: 'q', text: 'Search', kind: 'search' },
 *		    { name: 'status', text: 'Status', options: {...} }, ...],
 *		columns: [{ text: 'User', cell: (row) => element }, ...],
 *		key: (row) => row.user_id,
 *		nothing: 'Nobody is like that.', none: 'Nobody is here yet.',
 *		csv: { user_id: (row) => row.user_id, ... },
 *		every: 5000,
 *	})
 *
 * The first column is the row's name. A column may have `end` (numbers), `wide`
 * (a line of its own on a phone), `extra` (left out on one) and `hidden` (its
 * heading is not shown). A cell that is null is a dash, and nothing on a phone.
 * Kinds of filters: search, text, number, date, check, and options; dflt is what
 * counts where the address says nothing. fixed is what the path takes beside
 * them. every, in ms, reads it again, and changes rows that changed.
 * Returns {view, load}.
 */
import { get } from '/lib/api.js';
import { busy, h, icon, toastError, toast } from '/lib/dom.js';
import { download } from './csv.js';
import { count } from './format.js';

const PER_PAGE = 50;

function control(f, value) {
	const p = { name: f.name, 'aria-label': f.text };

	if (f.options)
		return h(
			'select',
			p,
			h('option', { value: f.dflt ? '-' : '' }, f.any ?? `${f.text}: any`),
			Object.entries(f.options).map(([k, v]) =>
				h('option', { value: k, selected: k === value }, v),
			),
		);
	if (f.kind === 'check')
		return h('input', {
			...p,
			type: 'checkbox',
			checked: value === 'true',
			'aria-label': null,
		});
	return h('input', {
		...p,
		type: f.kind ?? 'text',
		value: value,
		placeholder: f.text,
		min: f.kind === 'number' && '1',
		'aria-label': f.kind === 'date' ? null : f.text,
	});
}

/* What the address says of the filters, as the API takes it. */
function wanted(spec, params) {
	const q = new URLSearchParams(spec.fixed ?? {});

	for (const f of spec.filters ?? []) {
		const v = params.get(f.name) ?? f.dflt ?? '';
		if (v === '' || v === '-') continue;
		if (f.kind === 'date') q.set(f.name, f.end ? `${v}T23:59:59Z` : `${v}T00:00:00Z`);
		else q.set(f.name, v);
	}
	return q;
}

function build(spec) {
	return h(
		'table',
		{ role: 'table' },
		h('caption', { class: 'hide' }, spec.title),
		h(
			'thead',
			{ role: 'rowgroup' },
			h(
				'tr',
				{ role: 'row' },
				spec.columns.map((c) =>
					h(
						'th',
						{
							scope: 'col',
							role: 'columnheader',
							class:
								['end', 'extra']
									.filter((k) => c[k])
									.join(' ') || null,
						},
						c.hidden
							? h('span', { class: 'hide' }, c.text)
							: c.text,
					),
				),
			),
		),
		h('tbody', { role: 'rowgroup' }),
	);
}

function row(spec, r) {
	return h(
		'tr',
		{ role: 'row' },
		spec.columns.map((c, i) => {
			const has = c.cell(r);
			const none = has === null || has === undefined || has === '';
			const kind =
				['end', 'wide', 'extra']
					.filter((k) => c[k])
					.concat(none ? 'none' : [])
					.join(' ') || null;
			const what = none
				? c.hidden
					? null
					: h('span', { class: 'soft' }, '\u2013')
				: has;
			return i === 0
				? h('th', { scope: 'row', role: 'rowheader', class: kind }, what)
				: h(
						'td',
						{
							role: 'cell',
							class: kind,
							'data-text': c.hidden ? null : c.text,
						},
						what,
					);
		}),
	);
}

/*
 * Rows that are as they were stay what they are: who has the focus there, or
 * has marked a word, is not disturbed.
 */
function rows(spec, body, now) {
	const had = new Map([...body.children].map((e) => [e.key, e]));
	const next = now.map((r) => {
		const key = String(spec.key(r)),
			text = JSON.stringify(r);
		const old = had.get(key);
		if (old !== undefined && old.text === text) {
			had.delete(key);
			return old;
		}
		const e = row(spec, r);
		e.key = key;
		e.text = text;
		return e;
	});

	if (next.length === body.children.length && next.every((e, i) => e === body.children[i]))
		return;
	const focus = document.activeElement?.closest?.('tr')?.key;
	const lost = body.contains(document.activeElement);
	body.replaceChildren(...next);
	if (lost && !body.contains(document.activeElement))
		next.find((e) => e.key === focus)
			?.querySelector('a, button')
			?.focus();
}

/* Why there is nothing to be seen. */
function nothing(spec, params) {
	const sought = (spec.filters ?? []).some(
		(f) => !['', '-'].includes(params.get(f.name) ?? f.dflt ?? ''),
	);

	if (params.has('cursor')) return 'Nothing comes behind this.';
	if (!sought)
		return spec.none ?? (spec.filters ? 'There is nothing here yet.' : spec.nothing);
	return typeof spec.nothing === 'function' ? spec.nothing(params) : spec.nothing;
}

/* A filter; changed(f, value) is told what is in it now. */
function field(at, f, value, changed) {
	const e = control(f, value);
	let typing;
	const read = () =>
		changed(f, f.kind === 'check' ? (e.checked ? 'true' : '') : e.value.trim());

	e.addEventListener('change', read);
	if (!f.options && !['check', 'date'].includes(f.kind))
		e.addEventListener('input', () => {
			clearTimeout(typing);
			typing = setTimeout(read, 250);
		});
	at.leave(() => clearTimeout(typing));
	return f.kind === 'check'
		? h('label', { class: 'check' }, e, f.text)
		: f.kind === 'date'
			? h('label', { class: 'day' }, h('span', null, f.text), e)
			: e;
}

export function listing(at, spec) {
	const table = build(spec),
		body = table.querySelector('tbody');
	const said = h('p', { class: 'total', role: 'status' });
	const empty = h('p', { class: 'empty', hidden: true });
	const act = (name, text, more) =>
		h('button', { type: 'button', class: 'small', 'data-do': name, ...more }, text);
	const again = act('again', [icon('again'), h('span', { class: 'hide' }, 'Read it again')], {
		class: 'small only',
		title: 'Read it again',
	});
	const older = act('older', 'Next', { 'aria-label': 'Next page' });
	const newer = act('newer', 'Previous', { 'aria-label': 'Previous page' });
	const first = act('first', 'First', { 'aria-label': 'First page' });
	const pages = h('div', { class: 'pages', hidden: true }, first, newer, older);
	const params = new URLSearchParams(at.params);
	let next = null,
		turn = 0,
		total = null;

	function address() {
		const q = params.toString();
		return `#/${[at.name, ...at.path].join('/')}${q ? `?${q}` : ''}`;
	}
	function path(cursor, per) {
		const q = wanted(spec, params);
		q.set('per_page', per);
		if (cursor) q.set('cursor', cursor);
		return `${spec.path}?${q}`;
	}
	function failed(e) {
		body.replaceChildren();
		table.hidden = pages.hidden = true;
		empty.hidden = false;
		empty.replaceChildren(e.message);
		said.textContent = '';
		if (e.name !== 'ApiError') toastError(e);
	}
	async function load() {
		const mine = ++turn;
		let page;

		table.setAttribute('aria-busy', 'true');
		try {
			page = await get(path(params.get('cursor'), PER_PAGE));
		} catch (e) {
			if (mine === turn) failed(e);
			return;
		} finally {
			if (mine === turn) table.removeAttribute('aria-busy');
		}
		if (mine !== turn) return;
		const now = page[spec.member];
		spec.told?.(page);
		rows(spec, body, now);
		next = page.next_cursor ?? null;
		if (!params.has('cursor')) total = page.total_count ?? null;
		table.hidden = now.length === 0;
		empty.hidden = now.length > 0;
		empty.textContent = nothing(spec, params);
		const text =
			total === null ? `${count(now.length)} shown` : `${count(total)} in all`;
		if (said.textContent !== text) said.textContent = text;
		older.disabled = next === null;
		newer.disabled = first.disabled = !params.has('cursor');
		pages.hidden = older.disabled && newer.disabled;
	}
	/* Another list: from its beginning. */
	function filter({ name, dflt }, value) {
		if ((params.get(name) ?? dflt ?? '') === value) return;
		params.delete('cursor');
		if (value === '' || value === dflt) params.delete(name);
		else params.set(name, value);
		history.replaceState(null, '', address());
		load();
	}
	function turnTo(cursor) {
		if (cursor === null) params.delete('cursor');
		else params.set('cursor', cursor);
		history.pushState({ paged: true }, '', address());
		load().then(() => {
			scrollTo(0, 0);
			body.querySelector('a, button')?.focus({ preventScroll: true });
		});
	}

	const fields = (spec.filters ?? []).map((f) =>
		field(at, f, params.get(f.name) ?? f.dflt ?? '', filter),
	);
	const tools = h(
		'form',
		{ class: 'filters', role: fields.length > 0 && 'search' },
		fields,
		h('div', { class: 'rest' }, said, again, spec.csv ? file(spec, path) : null),
	);

	tools.addEventListener('submit', (e) => e.preventDefault());
	again.addEventListener('click', busy(again, load));
	older.addEventListener('click', () => turnTo(next));
	/* The browser knows the way back, unless one came here directly. */
	newer.addEventListener('click', () =>
		history.state?.paged ? history.back() : turnTo(null),
	);
	first.addEventListener('click', () => turnTo(null));
	if (spec.every) at.every(spec.every, () => load());
	load();
	const slow = setTimeout(() => {
		said.textContent ||= table.hasAttribute('aria-busy') ? 'Reading …' : '';
	}, 500);
	at.leave(() => clearTimeout(slow));
	return { load, view: h('div', { class: 'list' }, tools, table, empty, pages) };
}

/* A button that makes the file, tells how far it is, and can be stopped. */
function file(spec, path) {
	const text = h('span', null, 'CSV');
	const b = h(
		'button',
		{
			class: 'small',
			type: 'button',
			'data-do': 'csv',
			title: 'All rows of this list, as a file',
		},
		icon('save'),
		text,
	);
	let runs = false;

	b.addEventListener('click', async () => {
		if (runs) {
			runs = false;
			return;
		}
		runs = true;
		try {
			const n = await download(
				spec.member,
				(cursor) => path(cursor, 100),
				(page) => page[spec.member],
				spec.csv,
				(sofar) => {
					text.textContent = `${count(sofar)} rows, stop`;
					return runs && b.isConnected;
				},
			);
			if (n !== null) toast(`${count(n)} rows are in the file.`);
			else if (b.isConnected) toast('Stopped; no file was made.');
		} catch (e) {
			toastError(e);
		}
		runs = false;
		text.textContent = 'CSV';
	});
	return b;
}

/* A screen that is a list. */
export function screen(at, spec, ...acts) {
	const l = listing(at, spec);

	return {
		...l,
		view: h(
			'section',
			null,
			h(
				'div',
				{ class: 'head' },
				h('h1', { tabindex: '-1' }, spec.title),
				h('div', { class: 'acts' }, acts),
			),
			spec.about ? h('p', { class: 'soft about' }, spec.about) : null,
			l.view,
		),
	};
}
