/*
 * safety: blocking and reporting users, reporting flyers, and the list of blocked
 * users.
 */
import { api, post } from '/lib/api.js';
import { avatar, busy, h, icon, loadInto, toast, when } from '/lib/dom.js';
import { listing } from './paged_list.js';

const reasons = {
	harassment: 'Harassment or threats',
	sexual: 'Unwanted sexual content',
	hate: 'Hate or discrimination',
	picture: 'Offensive picture',
	fraud: 'Fraud or spam',
	minor: 'A minor is involved',
	other: 'Something else',
};

const field = (text, e) => h('label', { class: 'field' }, h('span', null, text), e);

/* The form that reports a user or a flyer. done() is called after a success. */
function reportForm(who, about, done) {
	const reason = h(
		'select',
		{ name: 'reason' },
		Object.entries(reasons).map(([k, v]) => h('option', { value: k }, v)),
	);
	const text = h('textarea', { name: 'text', rows: '3', maxlength: '2000' });
	const send = h('button', { class: 'btn-primary', type: 'submit' }, 'Send report');
	const form = h(
		'form',
		{ class: 'stack' },
		field('Reason', reason),
		field('What happened? (optional)', text),
		send,
	);

	form.addEventListener(
		'submit',
		busy(send, async () => {
			const said = text.value.trim();
			await post('/support/reports', {
				user_id: who.user_id,
				reason: reason.value,
				...about,
				...(said === '' ? {} : { text: said }),
			});
			done(`Your report was sent. ${who.username} is not told who reported.`);
		}),
	);
	return form;
}

/* The button that blocks a user. */
function blockButton(who, done) {
	const b = h('button', { class: 'danger', type: 'button', 'data-do': 'block' }, 'Block');

	b.addEventListener(
		'click',
		busy(b, async () => {
			await api('PUT', `/user/blocks/${who.user_id}`);
			done(`${who.username} is blocked. Unblock users on the Account page.`);
		}),
	);
	return b;
}

/*
 * Shows a dialog. parts(done) returns its content; done(text) closes it and
 * shows a message.
 */
function show(title, parts) {
	const close = h(
		'button',
		{ type: 'button', 'data-do': 'close', onclick: () => e.close() },
		'Close',
	);
	const done = (text) => {
		e.close();
		toast(text);
	};
	const e = h(
		'dialog',
		{ class: 'sheet', 'aria-labelledby': 'safety' },
		h(
			'div',
			{ class: 'card stack' },
			h('h2', { id: 'safety' }, title),
			parts(done),
			close,
		),
	);

	document.body.append(e);
	e.addEventListener('close', () => e.remove());
	e.showModal();
	close.focus();
}

/* Returns a button that opens a dialog with the same title. */
function openButton(title, parts) {
	return h(
		'button',
		{
			class: 'btn-link safety',
			type: 'button',
			'aria-label': title,
			onclick: () => show(title, parts),
		},
		icon('flag'),
	);
}

/*
 * Returns a button that opens the dialog for a user. who: {user_id, username};
 * about: members of the report, such as {call_id}. blocked() is called after the
 * user was blocked.
 */
export function safetyButton(who, about, blocked) {
	return openButton(`Block or report ${who.username}`, (done) => [
		h(
			'p',
			{ class: 'soft' },
			'If you block a user, neither of you can find, call or see the other. ' +
				'A call between you ends. The user is not told.',
		),
		blockButton(who, (text) => {
			done(text);
			blocked?.();
		}),
		reportForm(who, about, done),
	]);
}

/* Returns a button that opens the dialog for a flyer. */
export function flyerReportButton(f) {
	const publisher = { user_id: f.publisher_id, username: 'The publisher' };

	return openButton(`Report ${f.title}`, (done) => [
		reportForm(publisher, { flyer_id: f.id }, done),
	]);
}

function row(b, again) {
	const name = b.username ?? 'Deleted user';
	const free = h(
		'button',
		{ type: 'button', 'data-do': 'unblock', 'aria-label': `Unblock ${name}` },
		'Unblock',
	);

	free.addEventListener(
		'click',
		busy(free, async () => {
			await api('DELETE', `/user/blocks/${b.user_id}`);
			toast(`${name} is not blocked any more.`);
			await again();
		}),
	);
	return h(
		'li',
		null,
		avatar(b.user_id, b.username, 'small', b.profile_image_thumb_url),
		h(
			'div',
			null,
			h('strong', null, name),
			h('span', { class: 'soft' }, `Blocked ${when(b.created_at)}`),
		),
		h('span', { class: 'sum' }, free),
	);
}

/* The page of blocked users. */
export function blockedUsers() {
	const { list, more, load } = listing(
		'rows',
		() => '/user/blocks?per_page=50',
		(page) => page.blocks.map((b) => row(b, () => load(true))),
		'You have blocked no users.',
	);

	loadInto(list, () => load(true));
	return h(
		'section',
		{ class: 'narrow' },
		h('a', { class: 'up', href: '#/account' }, icon('back'), 'Account'),
		h('h1', { tabindex: '-1' }, 'Blocked users'),
		list,
		more,
	);
}
