/*
 * account_contact: changes of the e-mail address, the phone number and the
 * password.
 */
import { changed, me, post, sendsSms } from '/lib/api.js';
import { busy, h, toast } from '/lib/dom.js';
import { withPassword } from '/lib/value_dialog.js';

const field = (text, input) => h('label', { class: 'field' }, h('span', null, text), input);
const submit = (text) => h('button', { class: 'btn-primary', type: 'submit' }, text);
const kinds = {
	email: {
		title: 'E-mail address',
		change: 'Change the e-mail address',
		add: 'Add an e-mail address',
		text: 'New e-mail address',
		props: { type: 'email', autocomplete: 'email', maxlength: '254' },
	},
	phone: {
		title: 'Phone number',
		change: 'Change the phone number',
		add: 'Add a phone number',
		text: 'New phone number, with the country code',
		props: { type: 'tel', autocomplete: 'tel', maxlength: '64' },
		note:
			'Whoever takes over your number, for example with another SIM card, ' +
			'receives your codes. Two-step verification protects you.',
	},
};

/* The form for the code. back() shows the form for the address again. */
function codeForm(kind, address, done, back) {
	const code = h('input', {
		name: 'code',
		required: true,
		inputmode: 'numeric',
		autocomplete: 'one-time-code',
		maxlength: '12',
		class: 'code',
	});
	const send = submit('Confirm');
	const resend = h('button', { type: 'button' }, 'Send another code');
	const form = h(
		'form',
		{ class: 'stack' },
		h(
			'p',
			{ role: 'status' },
			`If ${address} can be used, a code was sent to it. It is valid for five minutes.`,
		),
		field('Code', code),
		send,
		resend,
		h('button', { class: 'btn-link', type: 'button', onclick: back }, 'Start over'),
	);

	form.addEventListener(
		'submit',
		busy(send, async () => {
			changed(await post(`/user/${kind}/verify`, { code: code.value.trim() }));
			toast(`${kinds[kind].title} changed.`);
			done();
		}),
	);
	resend.addEventListener(
		'click',
		busy(resend, async () => {
			await withPassword((password) =>
				post(`/user/${kind}`, { [kind]: address, password }),
			);
			toast('If the address can be used, a new code was sent.');
		}),
	);
	return { form, code };
}

/* The form for the new address. sent(address) is called after a code was sent. */
function addressForm(kind, sent) {
	const { text, props } = kinds[kind];
	const address = h('input', { name: kind, required: true, ...props });
	const send = submit('Send code');
	const form = h('form', { class: 'stack' }, field(text, address), send);

	form.addEventListener(
		'submit',
		busy(send, async () => {
			const to = address.value.trim();
			const asked = await withPassword((password) =>
				post(`/user/${kind}`, { [kind]: to, password }),
			);
			if (asked !== null) sent(to);
		}),
	);
	return form;
}

/* Without SMS, a phone number cannot be confirmed and receives no codes. */
function receivesCodes(kind) {
	return kind !== 'phone' || sendsSms();
}

/* One address of the account with the forms that change it. */
function addressOf(kind) {
	const at = h('div', { class: 'stack', 'data-address': kind });
	const { title, change, add, note } = kinds[kind];

	function show(focus) {
		const now = me()[kind];
		const summary = h('summary', null, now === null ? add : change);
		const details = h('details', null, summary);
		const begin = () => {
			const form = addressForm(kind, (to) => {
				const next = codeForm(kind, to, () => show(true), begin);
				details.replaceChildren(summary, next.form);
				next.code.focus();
			});
			details.replaceChildren(summary, form);
			if (details.open) form.querySelector('input').focus();
		};
		begin();
		at.replaceChildren(
			h(
				'dl',
				{ class: 'facts' },
				h('div', null, h('dt', null, title), h('dd', null, now ?? 'None')),
			),
			...(receivesCodes(kind)
				? [
						note && now !== null
							? h('p', { class: 'soft' }, note)
							: '',
						details,
					]
				: []),
		);
		if (focus) summary.focus();
	}
	show(false);
	return at;
}

export function addresses() {
	return Object.keys(kinds)
		.filter((kind) => receivesCodes(kind) || me()[kind] !== null)
		.map(addressOf);
}

export function passwordForm() {
	const props = (name, autocomplete) => ({
		name,
		type: 'password',
		autocomplete,
		maxlength: '200',
	});
	const old = h('input', props('current_password', 'current-password'));
	const chosen = h('input', {
		required: true,
		minlength: '8',
		...props('new_password', 'new-password'),
	});
	const send = submit('Change password');
	const form = h(
		'form',
		{ class: 'stack' },
		field('Current password, if there is one', old),
		field('New password', chosen),
		send,
		h('p', { class: 'soft' }, 'All other devices are signed out.'),
	);

	form.addEventListener(
		'submit',
		busy(send, async () => {
			await post('/user/password', {
				new_password: chosen.value,
				...(old.value === '' ? {} : { current_password: old.value }),
			});
			form.reset();
			toast('Your password was changed.');
		}),
	);
	return h('details', null, h('summary', null, 'Change or set the password'), form);
}
