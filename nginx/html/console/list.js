/*
 * list: a table with filters, paging by cursor and CSV download. The filters
 * and the cursor are in the URL, so links and the back button restore them.
 *
 *	listing(at, {
 *		title, path: '/admin/users', member: 'users',
 *		filters: [{ name: 'q', text: 'Search', kind: 'search' },
 *		    { name: 'status', text: 'Status', options: {...} }, ...],
 *		columns: [{ text: 'User', cell: (row) => element }, ...],
 *		key: (row) => row.user_id,
 *		nothing: 'No users match.', none: 'There are no users yet.',
 *		csv: { user_id: (row) => row.user_id, ... },
 *		every: 5000,
 *	})
 *
 * The first column is the heading of the row. Flags of a column: `end` (right
 * aligned, for numbers), `wide` (a separate line on a phone), `extra` (hidden
 * on a phone) and `hidden` (the heading is hidden). A null cell is shown as a
 * dash; on a phone it is left out. The kind of a filter is search, text,
 * number, date or check; a filter with options is a select. dflt is its value
 * if it is not in the URL. fixed has additional query parameters. every is the
 * interval in ms between two refreshes, which replace only the rows that
 * changed. onpage(page) is called with each response. size is the name of the
 * query parameter for the rows of a page, if it is not per_page. total(page)
 * returns the number of all rows, if it is not total_count. Returns {view, load}.
 */
import { get } from '/lib/api.js';
import { busy, h, icon, toastError, toast, whenTyped } from '/lib/dom.js';
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

/* Returns the query parameters of the API for the filters in the URL. */
function apiQuery(spec, params) {
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
			const content = none
				? c.hidden
					? null
					: h('span', { class: 'soft' }, '\u2013')
				: has;
			return i === 0
				? h('th', { scope: 'row', role: 'rowheader', class: kind }, content)
				: h(
						'td',
						{
							role: 'cell',
							class: kind,
							'data-text': c.hidden ? null : c.text,
						},
						content,
					);
		}),
	);
}

/*
 * Updates the rows of the table. Unchanged rows keep their elements, and with
 * them the focus and the selection of text.
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

/* Returns the text for an empty list. */
function nothing(spec, params) {
	const filtered = (spec.filters ?? []).some(
		(f) => !['', '-'].includes(params.get(f.name) ?? f.dflt ?? ''),
	);

	if (params.has('cursor')) return 'There are no more rows.';
	if (!filtered) return spec.none ?? (spec.filters ? 'The list is empty.' : spec.nothing);
	return typeof spec.nothing === 'function' ? spec.nothing(params) : spec.nothing;
}

/*
 * Creates the control of a filter. changed(f, value) is called after each
 * change.
 */
function field(at, f, value, changed) {
	const e = control(f, value);
	const read = () =>
		changed(f, f.kind === 'check' ? (e.checked ? 'true' : '') : e.value.trim());

	e.addEventListener('change', read);
	if (!f.options && !['check', 'date'].includes(f.kind)) at.leave(whenTyped(e, read));
	return f.kind === 'check'
		? h('label', { class: 'check' }, e, f.text)
		: f.kind === 'date'
			? h('label', { class: 'day' }, h('span', null, f.text), e)
			: e;
}

export function listing(at, spec) {
	const table = build(spec),
		body = table.querySelector('tbody');
	const total = h('p', { class: 'total', role: 'status' });
	const empty = h('p', { class: 'empty', hidden: true });
	const act = (name, text, more) =>
		h('button', { type: 'button', class: 'small', 'data-do': name, ...more }, text);
	const again = act('again', [icon('again'), h('span', { class: 'hide' }, 'Refresh')], {
		class: 'small only',
		title: 'Refresh',
	});
	const older = act('older', 'Next', { 'aria-label': 'Next page' });
	const newer = act('newer', 'Previous', { 'aria-label': 'Previous page' });
	const first = act('first', 'First', { 'aria-label': 'First page' });
	const pages = h('div', { class: 'pages', hidden: true }, first, newer, older);
	const params = new URLSearchParams(at.params);
	let next = null,
		latest = 0,
		totalCount = null;

	function address() {
		const q = params.toString();
		return `#/${[at.name, ...at.path].join('/')}${q ? `?${q}` : ''}`;
	}
	function path(cursor, per) {
		const q = apiQuery(spec, params);
		q.set(spec.size ?? 'per_page', per);
		if (cursor) q.set('cursor', cursor);
		return `${spec.path}?${q}`;
	}
	function failed(e) {
		body.replaceChildren();
		table.hidden = pages.hidden = true;
		empty.hidden = false;
		empty.replaceChildren(e.message);
		total.textContent = '';
		if (e.name !== 'ApiError') toastError(e);
	}
	async function load() {
		const mine = ++latest;
		let page;

		table.setAttribute('aria-busy', 'true');
		try {
			page = await get(path(params.get('cursor'), PER_PAGE));
		} catch (e) {
			if (mine === latest) failed(e);
			return;
		} finally {
			if (mine === latest) table.removeAttribute('aria-busy');
		}
		if (mine !== latest) return;
		const now = page[spec.member];
		spec.onpage?.(page);
		rows(spec, body, now);
		next = page.next_cursor ?? null;
		if (!params.has('cursor'))
			totalCount = spec.total?.(page) ?? page.total_count ?? null;
		table.hidden = now.length === 0;
		empty.hidden = now.length > 0;
		empty.textContent = nothing(spec, params);
		const text =
			totalCount === null
				? `${count(now.length)} shown`
				: `${count(totalCount)} in total`;
		if (total.textContent !== text) total.textContent = text;
		older.disabled = next === null;
		newer.disabled = first.disabled = !params.has('cursor');
		pages.hidden = older.disabled && newer.disabled;
	}
	/* Sets a filter and returns to the first page. */
	function filter({ name, dflt }, value) {
		if ((params.get(name) ?? dflt ?? '') === value) return;
		params.delete('cursor');
		if (value === '' || value === dflt) params.delete(name);
		else params.set(name, value);
		history.replaceState(null, '', address());
		load();
	}
	function goToPage(cursor) {
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
		h('div', { class: 'rest' }, total, again, spec.csv ? csvButton(spec, path) : null),
	);

	tools.addEventListener('submit', (e) => e.preventDefault());
	again.addEventListener('click', busy(again, load));
	older.addEventListener('click', () => goToPage(next));
	/*
	 * The API returns no cursor of the previous page. The browser history
	 * has it, unless the page was opened by a link.
	 */
	newer.addEventListener('click', () =>
		history.state?.paged ? history.back() : goToPage(null),
	);
	first.addEventListener('click', () => goToPage(null));
	if (spec.every) at.every(spec.every, () => load());
	load();
	const slow = setTimeout(() => {
		total.textContent ||= table.hasAttribute('aria-busy') ? 'Loading …' : '';
	}, 500);
	at.leave(() => clearTimeout(slow));
	return { load, view: h('div', { class: 'list' }, tools, table, empty, pages) };
}

/*
 * The button that downloads the list as CSV, shows the progress and can cancel.
 */
function csvButton(spec, path) {
	const text = h('span', null, 'CSV');
	const b = h(
		'button',
		{
			class: 'small',
			type: 'button',
			'data-do': 'csv',
			title: 'Download all rows of this list',
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
					text.textContent = `${count(sofar)} rows. Cancel`;
					return runs && b.isConnected;
				},
			);
			if (n !== null) toast(`${count(n)} rows were saved.`);
			else if (b.isConnected) toast('The download was canceled.');
		} catch (e) {
			toastError(e);
		}
		runs = false;
		text.textContent = 'CSV';
	});
	return b;
}

/* Returns listing() with the heading and the buttons of a page. */
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
