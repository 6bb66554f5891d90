/*
 * screens: the pages of the console, in the order of the navigation. load()
 * imports the file of a page when it is opened. The default export of the file
 * gets `at` (see main.js) and returns an element. A new page needs its file, an
 * entry here, and the file name in nginx.am. roles: the roles of staff that may
 * open the page, besides admin; all of them if absent.
 */
import { may } from './access.js';

export const groups = [
	{
		text: null,
		screens: {
			dashboard: {
				roles: ['finance'],
				text: 'Dashboard',
				icon: 'chart',
				load: () => import('./dashboard.js'),
			},
		},
	},
	{
		text: 'People',
		screens: {
			users: { text: 'Users', icon: 'people', load: () => import('./users.js') },
			listeners: {
				text: 'Listeners',
				icon: 'work',
				load: () => import('./listeners.js'),
			},
		},
	},
	{
		text: 'Calls',
		screens: {
			calls: { text: 'Calls', icon: 'phone', load: () => import('./calls.js') },
			sessions: {
				text: 'Sessions',
				icon: 'clock',
				load: () => import('./sessions.js'),
			},
		},
	},
	{
		text: 'Money',
		screens: {
			payments: {
				roles: ['finance', 'support'],
				text: 'Payments',
				icon: 'card',
				load: () => import('./payments.js'),
			},
			webhooks: {
				roles: ['finance'],
				text: 'Webhooks',
				icon: 'hook',
				load: () => import('./webhooks.js'),
			},
			approvals: {
				roles: ['finance'],
				text: 'Approvals',
				icon: 'shield',
				load: () => import('./approvals.js'),
			},
			promotions: {
				roles: ['finance', 'support'],
				text: 'Promotions',
				icon: 'gift',
				load: () => import('./promotions.js'),
			},
		},
	},
	{
		text: 'Safety',
		screens: {
			reports: {
				roles: ['support', 'moderator'],
				text: 'Reports',
				icon: 'flag',
				load: () => import('./reports.js'),
			},
			reviews: {
				roles: ['support', 'moderator'],
				text: 'Reviews',
				icon: 'star',
				load: () => import('./reviews.js'),
			},
		},
	},
	{
		text: 'Catalog',
		screens: {
			flyers: {
				roles: ['support', 'moderator'],
				text: 'Flyers',
				icon: 'page',
				load: () => import('./flyers.js'),
			},
			destinations: {
				roles: [],
				text: 'Destinations',
				icon: 'place',
				load: () => import('./destinations.js'),
			},
		},
	},
	{
		text: 'Support',
		screens: {
			tickets: {
				roles: ['support'],
				text: 'Tickets',
				icon: 'ticket',
				load: () => import('./tickets.js'),
			},
			feedback: {
				roles: ['support'],
				text: 'Feedback',
				icon: 'heart',
				load: () => import('./feedback.js'),
			},
			faq: {
				roles: ['support'],
				text: 'FAQ',
				icon: 'ask',
				load: () => import('./faq.js'),
			},
		},
	},
	{
		text: 'System',
		screens: {
			outbox: {
				roles: ['support'],
				text: 'Outbox',
				icon: 'mail',
				load: () => import('./outbox.js'),
			},
			templates: {
				roles: [],
				text: 'Texts',
				icon: 'mail',
				load: () => import('./templates.js'),
			},
			staff: {
				roles: [],
				text: 'Staff',
				icon: 'people',
				load: () => import('./staff.js'),
			},
			audit: {
				roles: [],
				text: 'Audit',
				icon: 'shield',
				load: () => import('./audit.js'),
			},
			health: {
				roles: [],
				text: 'Health',
				icon: 'pulse',
				load: () => import('./health.js'),
			},
		},
	},
];

/* The pages by name, with those that are not in the navigation. */
export const screens = {
	...Object.fromEntries(groups.flatMap((g) => Object.entries(g.screens))),
	security: { text: 'My security', load: () => import('./security.js') },
};

/* Returns whether the user may open a page. */
export function permitted(name) {
	const s = Object.hasOwn(screens, name) ? screens[name] : null;

	return s !== null && (s.roles === undefined || may(...s.roles));
}
