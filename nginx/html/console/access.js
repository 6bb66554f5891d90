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
