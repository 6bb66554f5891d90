/*
 * shortcuts: single-key shortcuts, active outside of inputs. Users of speech
 * input can turn them off, because dictated text would trigger them.
 */
import { h } from '/lib/dom.js';

const OFF = 'earmark.keys';
const texts = {
	'/': 'Search in this list',
	j: 'Next row',
	k: 'Previous row',
	n: 'Next page',
	p: 'Previous page',
	r: 'Refresh',
	'?': 'This help',
};

function help() {
	const on = h('input', { type: 'checkbox', name: 'keys' });
	const e = h(
		'dialog',
		{ class: 'sheet', 'aria-labelledby': 'keys' },
		h(
			'div',
			{ class: 'card stack' },
			h('h2', { id: 'keys' }, 'Keyboard shortcuts'),
			h(
				'dl',
				{ class: 'keys' },
				Object.entries(texts).map(([k, v]) =>
					h(
						'div',
						null,
						h('dt', null, h('kbd', null, k)),
						h('dd', null, v),
					),
				),
			),
			h('label', { class: 'check' }, on, 'Use keyboard shortcuts'),
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

/*
 * Moves the focus by a number of rows: 1 is the next row, -1 the previous one.
 */
function moveRow(step) {
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

const actions = {
	'/': () =>
		document.querySelector('#main .filters input, ' + '#main .filters select')?.focus(),
	j: () => moveRow(1),
	k: () => moveRow(-1),
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
			!Object.hasOwn(actions, e.key) ||
			(sessionStorage.getItem(OFF) !== null && e.key !== '?') ||
			e.target.closest('input, textarea, select, dialog') ||
			document.querySelector('#main h1, #main table') === null
		)
			return;
		e.preventDefault();
		actions[e.key]();
	});
}
