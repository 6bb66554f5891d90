/*
 * shortcuts: one key for what is done often, where nothing is being typed. They can
 * be turned off, for who speaks to a browser.
 */
import { h } from '/lib/dom.js';

const OFF = 'earmark.keys';
const words = {
	'/': 'Search in this list',
	j: 'Next row',
	k: 'Row before',
	n: 'Next page',
	p: 'Previous page',
	r: 'Read it again',
	'?': 'This list',
};

function help() {
	const on = h('input', { type: 'checkbox', name: 'keys' });
	const e = h(
		'dialog',
		{ class: 'sheet', 'aria-labelledby': 'keys' },
		h(
			'div',
			{ class: 'card stack' },
			h('h2', { id: 'keys' }, 'Keys'),
			h(
				'dl',
				{ class: 'keys' },
				Object.entries(words).map(([k, v]) =>
					h(
						'div',
						null,
						h('dt', null, h('kbd', null, k)),
						h('dd', null, v),
					),
				),
			),
			h('label', { class: 'check' }, on, 'Use single keys'),
			h('button', { type: 'button', onclick: () => e.close() }, 'Close'),
		),
	);

	on.checked = sessionStorage.getItem(OFF) === null;
	on.addEventListener('change', () => {
		if (on.checked) sessionStorage.removeItem(OFF);
		else sessionStorage.setItem(OFF, '1');
	});
	e.addEventListener('close', () => e.remove());
	document.body.append(e);
	e.showModal();
}

/* To the row behind or before the one that has the focus. */
function row(step) {
	const all = [...document.querySelectorAll('#main tbody tr')]
		.map((r) => r.querySelector('a, button'))
		.filter(Boolean);
	const at = all.findIndex((a) => a.closest('tr').contains(document.activeElement));

	all[Math.max(0, Math.min(all.length - 1, at + step))]?.focus();
}

function press(selector) {
	const e = document.querySelector(`#main ${selector}`);

	if (e !== null && !e.disabled && !e.hidden) e.click();
}

const does = {
	'/': () =>
		document.querySelector('#main .filters input, ' + '#main .filters select')?.focus(),
	j: () => row(1),
	k: () => row(-1),
	n: () => press('[data-do=older]'),
	p: () => press('[data-do=newer]'),
	r: () => press('[data-do=again]'),
	'?': help,
};

export function keys() {
	addEventListener('keydown', (e) => {
		if (
			e.ctrlKey ||
			e.metaKey ||
			e.altKey ||
			e.isComposing ||
			!Object.hasOwn(does, e.key) ||
			(sessionStorage.getItem(OFF) !== null && e.key !== '?') ||
			e.target.closest('input, textarea, select, dialog') ||
			document.querySelector('#main h1, #main table') === null
		)
			return;
		e.preventDefault();
		does[e.key]();
	});
}
