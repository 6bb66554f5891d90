/*
 * screens: the pages of the console, in the order of the navigation. load()
 * imports the file of a page when it is opened. The default export of the file
 * gets `at` (see main.js) and returns an element. A new page needs its file, an
 * entry here, and the file name in nginx.am.
 */
export const groups = [
	{
		text: null,
		screens: {
			dashboard: {
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
				text: 'Payments',
				icon: 'card',
				load: () => import('./payments.js'),
			},
			webhooks: {
				text: 'Webhooks',
				icon: 'hook',
				load: () => import('./webhooks.js'),
			},
			approvals: {
				text: 'Approvals',
				icon: 'shield',
				load: () => import('./approvals.js'),
			},
			promotions: {
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
				text: 'Reports',
				icon: 'flag',
				load: () => import('./reports.js'),
			},
			reviews: {
				text: 'Reviews',
				icon: 'star',
				load: () => import('./reviews.js'),
			},
		},
	},
	{
		text: 'Support',
		screens: {
			tickets: {
				text: 'Tickets',
				icon: 'ticket',
				load: () => import('./tickets.js'),
			},
			feedback: {
				text: 'Feedback',
				icon: 'heart',
				load: () => import('./feedback.js'),
			},
			faq: { text: 'FAQ', icon: 'ask', load: () => import('./faq.js') },
		},
	},
	{
		text: 'System',
		screens: {
			outbox: { text: 'Outbox', icon: 'mail', load: () => import('./outbox.js') },
			templates: {
				text: 'Texts',
				icon: 'mail',
				load: () => import('./templates.js'),
			},
			audit: { text: 'Audit', icon: 'shield', load: () => import('./audit.js') },
			health: {
				text: 'Health',
				icon: 'pulse',
				load: () => import('./health.js'),
			},
		},
	},
];

/* The pages by name. */
export const screens = Object.fromEntries(
	groups.flatMap((g) => Object.entries(g.screens)).filter(([, s]) => s.load !== undefined),
);
