/*
 * text: renders the descriptions (paragraphs, headings, tables, code) and JSON
 * with syntax colors. All content is inserted as text nodes.
 */
import { h } from '/lib/dom.js';

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|-?\d[\d.eE+-]*/g;
/* Characters of JSON up to which it is colored. */
const COLORED = 64 * 1024;

/* Renders `code` and **strong** in a line. */
export function inline(text) {
	return text
		.split(/(`[^`]+`|\*\*[^*`]+\*\*)/)
		.map((part) =>
			/^`.+`$/.test(part)
				? h('code', null, part.slice(1, -1))
				: /^\*\*.+\*\*$/.test(part)
					? h('strong', null, part.slice(2, -2))
					: part,
		);
}

function table(lines) {
	const [head, , ...rows] = lines.map((l) =>
		l
			.slice(1, -1)
			.split('|')
			.map((cell) => inline(cell.trim())),
	);

	return h(
		'div',
		{ class: 'wide', tabindex: '0', role: 'group', 'aria-label': 'Table' },
		h(
			'table',
			null,
			h(
				'thead',
				null,
				h(
					'tr',
					null,
					head.map((c) => h('th', { scope: 'col' }, c)),
				),
			),
			h(
				'tbody',
				null,
				rows.map((r) =>
					h(
						'tr',
						null,
						r.map((c) => h('td', null, c)),
					),
				),
			),
		),
	);
}

/*
 * Renders paragraphs, headings and tables. level is that of headings, 2 by
 * default.
 */
export function prose(text, level) {
	return (text ?? '')
		.trim()
		.split(/\n\s*\n/)
		.filter(Boolean)
		.map((block) => {
			const head = block.match(/^#+ (.*)$/);
			const lines = block.split('\n');

			if (head !== null) return h(`h${level ?? 2}`, null, inline(head[1]));
			if (lines.every((l) => /^\|.*\|$/.test(l))) return table(lines);
			return h('p', null, inline(lines.join(' ')));
		});
}

/* Renders a value as indented JSON with colors, a string as it is. */
export function code(value, label) {
	const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
	const pre = h('pre', { tabindex: '0', role: 'group', 'aria-label': label });
	let at = 0;

	if (typeof value === 'string' || text.length > COLORED) {
		pre.append(text);
		return pre;
	}
	for (const m of text.matchAll(TOKEN)) {
		const kind = m[2] !== undefined ? 'key' : m[1] !== undefined ? 'string' : 'value';

		pre.append(text.slice(at, m.index), h('span', { class: kind }, m[1] ?? m[0]));
		at = m.index + (m[1] ?? m[0]).length;
	}
	pre.append(text.slice(at));
	return pre;
}
