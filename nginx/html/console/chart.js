/*
 * chart: bar charts of values over time. The drawing is hidden from screen
 * readers; a table below it has the same values.
 */
import { h } from '/lib/dom.js';

const W = 640,
	H = 200,
	LEFT = 8,
	BOTTOM = 24,
	TOP = 12;
const ns = 'http://www.w3.org/2000/svg';

function s(tag, props, ...kids) {
	const e = document.createElementNS(ns, tag);

	for (const [key, value] of Object.entries(props)) e.setAttribute(key, value);
	e.append(...kids);
	return e;
}

/*
 * Returns the smallest 1, 2 or 5 times a power of ten that is not less than n.
 */
function roundUp(n) {
	const power = 10 ** Math.floor(Math.log10(n));

	return [1, 2, 5, 10].map((x) => x * power).find((x) => x >= n);
}

/*
 * Draws one bar for each point. Its series are stacked upward and downward from
 * zero.
 */
function draw(points, series, label) {
	const above = (p) => series.reduce((n, x) => n + Math.max(0, x.of(p)), 0);
	const below = (p) => series.reduce((n, x) => n + Math.min(0, x.of(p)), 0);
	const max = roundUp(Math.max(1, ...points.map(above)));
	const lowest = Math.min(0, ...points.map(below));
	const min = lowest < 0 ? -roundUp(-lowest) : 0;
	const y = (n) => TOP + ((H - TOP - BOTTOM) * (max - n)) / (max - min);
	const step = (W - 2 * LEFT) / points.length;
	const x = (i) => LEFT + i * step;
	const svg = s('svg', {
		viewBox: `0 0 ${W} ${H}`,
		class: 'chart',
		'aria-hidden': 'true',
		preserveAspectRatio: 'none',
	});

	for (const n of [min, (max + min) / 2, max])
		svg.append(
			s('line', { class: 'grid', x1: LEFT, x2: W - LEFT, y1: y(n), y2: y(n) }),
		);
	points.forEach((p, i) => {
		let up = 0,
			down = 0;

		series.forEach((b, k) => {
			const n = b.of(p),
				from = n < 0 ? down : up;

			if (n === 0) return;
			svg.append(
				s('rect', {
					class: `tone${k}`,
					x: x(i) + step * 0.12,
					width: step * 0.76,
					y: y(Math.max(from, from + n)),
					height: Math.max(1, y(0) - y(Math.abs(n))),
				}),
			);
			if (n < 0) down += n;
			else up += n;
		});
	});
	return h(
		'div',
		{ class: 'drawn', 'aria-hidden': 'true' },
		h('p', { class: 'max' }, label(max)),
		svg,
		h(
			'p',
			{ class: 'ends' },
			h('span', null, points[0].text),
			h('span', null, points.at(-1).text),
		),
	);
}

/*
 * Returns a chart and its table, which a details element opens. points is
 * [{ text, ... }], series is [{ text, of(point) }], and format(n) returns the
 * text of a value.
 */
export function chart(title, points, series, format) {
	const head = ['Time', ...series.map((x) => x.text)];
	const table = () =>
		h(
			'table',
			{ class: 'numbers' },
			h('caption', { class: 'hide' }, title),
			h(
				'thead',
				null,
				h(
					'tr',
					null,
					head.map((t, i) =>
						h(
							'th',
							{
								scope: 'col',
								class: i > 0 ? 'end' : null,
							},
							t,
						),
					),
				),
			),
			h(
				'tbody',
				null,
				points.map((p) =>
					h(
						'tr',
						null,
						h('th', { scope: 'row' }, p.text),
						series.map((x) =>
							h(
								'td',
								{
									class: 'end',
									'data-text': x.text,
								},
								format(x.of(p)),
							),
						),
					),
				),
			),
		);
	const more = h(
		'details',
		{ class: 'chart-data' },
		h('summary', null, 'Show values', h('span', { class: 'hide' }, ` of ${title}`)),
	);

	more.addEventListener('toggle', () => {
		if (more.open && more.querySelector('table') === null) more.append(table());
	});
	return h(
		'div',
		{ class: 'figure' },
		draw(points, series, format),
		series.length < 2
			? null
			: h(
					'ul',
					{ class: 'legend', 'aria-hidden': 'true' },
					series.map((x, k) =>
						h(
							'li',
							null,
							h('span', { class: `key tone${k}` }),
							x.text,
						),
					),
				),
		more,
	);
}
