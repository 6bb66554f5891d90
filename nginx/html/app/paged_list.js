/*
 * paged_list: a list with a button that loads the next page.
 */
import { get } from '/lib/api.js';
import { busy, h } from '/lib/dom.js';

/*
 * Returns {list, more, load}: the list element of class kind, the button, and a
 * function that loads the first page (true) or the next one (false). Only the
 * latest of concurrent loads has an effect. path() returns the URL with a
 * query, items(page) the elements of a page, and empty is the text for an empty
 * list, or a function that returns it.
 */
export function listing(kind, path, items, empty) {
	const list = h('ul', { class: kind });
	const more = h('button', { type: 'button', hidden: true }, 'More');
	let next = null,
		latest = 0;

	async function load(begin) {
		const mine = ++latest;
		const page = await get(path() + (begin || next === null ? '' : `&cursor=${next}`));
		if (mine !== latest) return;
		if (begin) list.replaceChildren();
		list.append(...items(page));
		if (list.children.length === 0) {
			const text = typeof empty === 'function' ? empty() : empty;
			list.append(h('li', { class: 'empty' }, text));
		}
		next = page.next_cursor;
		more.hidden = next === null;
	}
	more.addEventListener(
		'click',
		busy(more, () => load(false)),
	);
	return { list, more, load };
}
