/*
 * invitation: the page of an invitation of staff, with the roles that it offers.
 */
import { changed, me, open, post } from '/lib/api.js';
import { busy, h } from '/lib/dom.js';
import { invitation } from '/lib/signin.js';
import { roleNames, roleTexts } from './access.js';

/* The roles in plain words. */
function offer(roles) {
	return h(
		'div',
		{ class: 'offer' },
		h('p', null, roles.length === 1 ? 'You get this role:' : 'You get these roles:'),
		h(
			'ul',
			null,
			roles.map((r) =>
				h('li', null, h('strong', null, roleNames[r]), `: ${roleTexts[r]}`),
			),
		),
	);
}

function gate(...kids) {
	return h(
		'section',
		{ class: 'narrow stack gate' },
		h('h1', { tabindex: '-1' }, 'Join the staff'),
		...kids,
	);
}

/* The page of an invitation that cannot be used. */
function ended(e, then) {
	return gate(
		h('p', { role: 'alert' }, `${e.message}.`),
		h('button', { class: 'btn-primary', type: 'button', onclick: then }, 'Go on'),
	);
}

/* Offers to add the roles to the account that is signed in. */
function addRoles(token, roles, then, out) {
	const b = h('button', { class: 'btn-primary', type: 'button' }, 'Accept');
	const page = gate(
		offer(roles),
		h(
			'p',
			{ class: 'soft' },
			roles.length === 1
				? `It is added to your account ${me().username}.`
				: `They are added to your account ${me().username}.`,
		),
		b,
		out,
	);

	b.addEventListener(
		'click',
		busy(b, async () => {
			let user;
			try {
				({ user } = await post('/auth/link', { token }));
			} catch (e) {
				if (e.code !== 'link_invalid') throw e;
				page.replaceWith(ended(e, then));
				return;
			}
			changed(user);
			then();
		}),
	);
	return page;
}

/*
 * Returns the page of an invitation. then() is called when the link is not
 * needed any more. out: the button that signs out.
 */
export async function invitationPage(token, then, out) {
	let roles;

	try {
		({ roles } = await open('/auth/link', { token, preview: true }));
	} catch (e) {
		if (e.code !== 'link_invalid') throw e;
		return ended(e, then);
	}
	if (me() !== null) return addRoles(token, roles, then, out);
	return invitation(token, then, {
		title: 'Join the staff',
		text: 'Choose a username and a password. The link works once.',
		more: offer(roles),
	});
}
