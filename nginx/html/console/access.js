/*
 * access: the roles of the signed-in member of staff. The server checks them
 * for each request; the console only hides what would be rejected.
 */
import { has } from '/lib/api.js';

const staffRoles = ['admin', 'finance', 'support', 'moderator'];

/* Returns whether the user has the role admin or one of the given roles. */
export function may(...roles) {
	return has('admin') || roles.some(has);
}

/* Returns whether the user has any role of staff. */
export function isStaff() {
	return staffRoles.some(has);
}

export const roleNames = {
	admin: 'Admin',
	finance: 'Finance',
	support: 'Support',
	moderator: 'Moderator',
};

/* What a role permits, for the person who is offered it. */
export const roleTexts = {
	admin: 'you may do everything, also change the roles of others.',
	finance: 'you manage payments, refunds, balances and promotions.',
	support: 'you answer users and see their sessions and payments.',
	moderator: 'you decide about listeners, reports, reviews, flyers and bans.',
};
