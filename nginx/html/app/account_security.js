/*
 * account_security: sign-ins and changes of the account, newest first.
 */
import { h, loadInto, when } from '/lib/dom.js';
import { deviceName, serviceName } from './account_devices.js';
import { listing } from './paged_list.js';

/*
 * The texts for the kinds of events. Each function gets the detail of the event,
 * which is null if the kind has none.
 */
const events = {
	signed_in: (agent) => ['Signed in', deviceName(agent)],
	password_changed: () => ['Password changed'],
	email_changed: (address) =>
		address === null
			? ['E-mail address removed']
			: ['E-mail address changed', `To ${address}`],
	phone_changed: (number) =>
		number === null
			? ['Phone number removed']
			: ['Phone number changed', `To ${number}`],
	contact_restored: () => [
		'Former addresses restored',
		'By the link in the message to the former address',
	],
	signed_out_everywhere: () => ['Other devices signed out'],
	identity_linked: (service) => [`${serviceName(service)} linked`, 'It can sign you in'],
	identity_unlinked: (service) => [`${serviceName(service)} removed`],
	username_changed: (name) => ['Username chosen', name],
	mfa_enabled: () => ['Two-step verification turned on'],
	mfa_disabled: () => ['Two-step verification turned off'],
	refresh_reused: () => [
		'A device was signed out',
		'Two devices used the same sign-in, which can mean that it was copied',
	],
};

function row(event, current) {
	const [title, detail] = events[event.kind]?.(event.detail) ?? [event.kind];
	const by = event.session_id !== null && event.session_id === current;
	const time = h('time', { datetime: event.at }, when(event.at));

	return h(
		'li',
		null,
		h(
			'div',
			null,
			h('strong', null, title),
			detail && h('span', { class: 'soft' }, detail),
			h('span', { class: 'soft' }, time, by ? ', this device' : ''),
		),
	);
}

export function securityHistory() {
	const { list, more, load } = listing(
		'rows',
		() => '/user/security?per_page=10',
		(page) => {
			const current = page.devices.find((d) => d.is_current)?.id;

			return page.events.map((e) => row(e, current));
		},
		'Nothing happened in the last year.',
	);

	loadInto(list, () => load(true));
	return [
		h(
			'p',
			{ class: 'soft' },
			'If you did not do one of these, change your password and sign out all ' +
				'other devices.',
		),
		list,
		more,
	];
}
