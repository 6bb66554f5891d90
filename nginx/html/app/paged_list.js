/*
 * paged_list: a list that is read a page at a time, as far as somebody wants to go.
 */
import { get } from '/lib/api.js';
import { busy, h } from '/lib/dom.js';

/*
 * path() is where its pages are, with a query; items(page) makes what is shown
 * of one; nothing is said where there is none. load(true) reads from the
 * beginning; of two at once the later one counts.
 */
export function listing(kind, path, items, nothing) {
	const list = h('ul', { class: kind });
	const more = h('button', { type: 'button', hidden: true }, 'More');
	let next = null,
		turn = 0;

	async function load(begin) {
		const mine = ++turn;
		const page = await get(path() + (begin || next === null ? '' : `&cursor=${next}`));
		if (mine !== turn) return;
		if (begin) list.replaceChildren();
		list.append(...items(page));
		if (list.children.length === 0) list.append(h('li', { class: 'empty' }, nothing));
		next = page.next_cursor;
		more.hidden = next === null;
	}
	more.addEventListener(
		'click',
		busy(more, () => load(false)),
	);
	return { list, more, load };
}
