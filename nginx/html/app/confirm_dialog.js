/*
 * confirm_dialog: a modal dialog that confirms a deletion.
 */
import { busy, errorText, h } from '/lib/dom.js';

/* Number of dialogs so far, for ids. */
let opened = 0;

/*
 * Opens the dialog. run() is called if the user confirms; an error is shown in
 * the dialog. Resolves to whether run() succeeded.
 */
export function confirmDialog({ title, text, button }, run) {
	const id = `confirm-${++opened}`;
	const problem = h('p', { class: 'note wrong', role: 'alert', hidden: true });
	const go = h('button', { class: 'danger', type: 'button', 'data-do': 'confirm' }, button);
	const cancel = h(
		'button',
		{ type: 'button', 'data-do': 'cancel', onclick: () => e.close() },
		'Cancel',
	);
	const e = h(
		'dialog',
		{ class: 'sheet', 'aria-labelledby': id, 'aria-describedby': `${id}-text` },
		h(
			'div',
			{ class: 'card stack' },
			h('h2', { id }, title),
			h('p', { id: `${id}-text` }, text),
			problem,
			h('div', { class: 'choice' }, cancel, go),
		),
	);
	let done = false;

	go.addEventListener(
		'click',
		busy(go, async () => {
			problem.hidden = true;
			try {
				await run();
				done = true;
				e.close();
			} catch (why) {
				problem.textContent = errorText(why);
				problem.hidden = false;
			}
		}),
	);
	document.body.append(e);
	e.showModal();
	cancel.focus();
	return new Promise((f) => {
		e.addEventListener('close', () => {
			e.remove();
			f(done);
		});
	});
}
