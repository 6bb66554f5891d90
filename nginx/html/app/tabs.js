/*
 * tabs: links to the parts of a page. Each part has a URL, such as
 * #/favorites/flyers.
 */
import { h } from '/lib/dom.js';

/* Returns the links. texts: {part: text}; current: the part that is shown. */
export function tabs(label, page, texts, current) {
	return h(
		'div',
		{ class: 'tabs', role: 'navigation', 'aria-label': label },
		Object.entries(texts).map(([part, text]) =>
			h(
				'a',
				{
					href: `#/${page}/${part}`,
					'aria-current': part === current && 'page',
				},
				text,
			),
		),
	);
}
