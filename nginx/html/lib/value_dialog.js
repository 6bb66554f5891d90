/*
 * value_dialog: a modal dialog that asks for one value, and the password for
 * requests that need a recent sign-in.
 */
import { busy, errorText, h } from './dom.js';

/* Number of dialogs so far: a second one may open while another is open. */
let opened = 0;

/*
 * Opens the dialog. props: attributes of the input; send(value) runs when the
 * form is submitted. note: a text below the input, or undefined. Resolves to
 * true if send() succeeded, and to false if the user canceled.
 */
export function valueDialog({ title, text, props, note, button, danger }, send) {
	const id = `value-${++opened}`;
	const input = h('input', {
		required: true,
		'aria-describedby': note !== undefined && `${id}-note`,
		...props,
	});
	const problem = h('p', { class: 'note wrong', role: 'alert', hidden: true });
	const go = h(
		'button',
		{ class: danger ? 'danger' : 'btn-primary', type: 'submit' },
		button,
	);
	const form = h(
		'form',
		{ class: 'card stack', novalidate: true },
		h('h2', { id }, title),
		h('label', { class: 'field' }, h('span', null, text), input),
		note !== undefined && h('p', { id: `${id}-note`, class: 'soft' }, note),
		problem,
		h(
			'div',
			{ class: 'choice' },
			h('button', { type: 'button', onclick: () => e.close() }, 'Cancel'),
			go,
		),
	);
	const e = h('dialog', { class: 'sheet', 'aria-labelledby': id }, form);
	let done = false;

	form.addEventListener(
		'submit',
		busy(go, async () => {
			problem.hidden = true;
			try {
				await send(input.value);
				done = true;
				e.close();
			} catch (why) {
				problem.textContent = errorText(why);
				problem.hidden = false;
				input.select();
			}
		}),
	);
	document.body.append(e);
	e.showModal();
	input.focus();
	return new Promise((f) => {
		e.addEventListener('close', () => {
			e.remove();
			f(done);
		});
	});
}

/*
 * Runs send(), and with the password again if the sign-in is not recent. Resolves
 * to {answer}, or to null if the user canceled.
 */
export async function withPassword(send) {
	let answer;

	try {
		return { answer: await send() };
	} catch (e) {
		if (e.code !== 'reauthentication_required') throw e;
	}
	const sent = await valueDialog(
		{
			title: 'Confirm that it is you',
			text: 'Password',
			note:
				'If the account has no password, sign out and in again. Then you ' +
				'need none for 15 minutes.',
			props: { type: 'password', autocomplete: 'current-password' },
			button: 'Confirm',
		},
		async (password) => {
			answer = await send(password);
		},
	);
	return sent ? { answer } : null;
}
