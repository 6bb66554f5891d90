/*
 * reports: the queue of reports about users, and the decisions on them.
 */
import { me, post } from '/lib/api.js';
import { avatar, h } from '/lib/dom.js';
import { asks } from './form_dialog.js';
import { screen } from './list.js';
import { removePictureButton } from './remove_picture.js';
import { badge, person, time } from './format.js';

const note = (text, required) => ({ name: 'note', text, kind: 'area', max: 500, required });

const outcomes = { dismiss: 'dismissed', hide: 'hidden', warn: 'warned', ban: 'banned' };

/* What the decision to hide concerns, and what it does. */
function hiding(r) {
	if (r.review_id !== null)
		return {
			title: `Hide review #${r.review_id}?`,
			text: 'The review is not listed and not part of the rating.',
			done: 'The review is hidden.',
		};
	if (r.flyer_id !== null)
		return {
			title: `Delete flyer #${r.flyer_id}?`,
			text:
				'The flyer, its picture and its favorites are deleted. The ' +
				'publisher is notified and sees the note.',
			done: 'The flyer was deleted.',
		};
	return {
		title: `Hide ${r.username}?`,
		text:
			'The listener is rejected, not listed any more, and sees the note. ' +
			'A live call ends.',
		done: `${r.username} is hidden.`,
	};
}

/* The decisions, in the order of their buttons. */
const decisions = {
	dismiss: (r) => ({
		button: 'Dismiss',
		title: `Dismiss report #${r.report_id}?`,
		text: 'Nothing else happens.',
		fields: [note('Note')],
		done: 'The report was dismissed.',
	}),
	hide: (r) => ({
		button: 'Hide',
		...hiding(r),
		danger: true,
		fields: [note('Note')],
	}),
	warn: (r) => ({
		button: 'Warn',
		title: `Warn ${r.username}?`,
		text: 'The user receives this text. It must not reveal who reported.',
		fields: [note('Text', true)],
		done: `${r.username} was warned.`,
	}),
	ban: (r) => ({
		button: 'Ban',
		title: `Ban ${r.username}?`,
		danger: true,
		text:
			'All tokens become invalid immediately, and a live call ends. The user is ' +
			'notified of the reason, which must not reveal who reported.',
		fields: [
			note('Reason', true),
			{
				name: 'until',
				text: 'Until',
				kind: 'when',
				hint: 'If empty, until an administrator lifts the ban.',
			},
		],
		done: `${r.username} was banned.`,
	}),
};

function buttons(r, again) {
	if (r.status === 'closed' || r.user_id === me().user_id) return null;
	const act = ([action, plan]) => {
		const p = plan(r);

		return asks(
			p.button,
			{
				...p,
				roles: ['moderator'],
				run: async (values) => {
					const given = Object.entries(values).filter(
						([, v]) => v !== null,
					);
					await post(`/admin/reports/${r.report_id}/decide`, {
						action,
						...Object.fromEntries(given),
					});
					return p.done;
				},
			},
			again,
		);
	};

	return h(
		'div',
		{ class: 'acts below' },
		h('div', { class: 'acts' }, Object.entries(decisions).map(act)),
		removePictureButton(r, again),
	);
}

/* The title of a flyer, with a link to the list, or its number if deleted. */
function flyer(r) {
	if (r.flyer_title === null)
		return h('p', { class: 'soft' }, `Flyer #${r.flyer_id} (deleted)`);
	return h(
		'p',
		null,
		'Flyer ',
		h('a', { href: `#/flyers?q=${encodeURIComponent(r.flyer_title)}` }, r.flyer_title),
	);
}

function about(r) {
	return [
		h('strong', null, r.reason),
		r.text && h('p', { class: 'said' }, r.text),
		r.call_id && h('p', { class: 'soft' }, `Call #${r.call_id}`),
		r.review_id &&
			h(
				'p',
				null,
				h(
					'a',
					{ href: `#/sessions/${r.review_id}` },
					`Review #${r.review_id}`,
				),
			),
		r.flyer_id && flyer(r),
	];
}

export default function reports(at) {
	const l = screen(at, {
		title: 'Reports',
		path: '/admin/reports',
		member: 'reports',
		filters: [
			{
				name: 'status',
				text: 'Status',
				options: { open: 'Open', closed: 'Closed' },
				any: 'All',
				dflt: 'open',
			},
			{ name: 'user_id', kind: 'number', text: 'User id' },
		],
		key: (r) => r.report_id,
		every: 10000,
		nothing: 'No reports match.',
		columns: [
			{
				text: 'Report',
				cell: (r) => [
					`#${r.report_id} `,
					h('span', { class: 'soft' }, time(r.created_at)),
				],
			},
			{
				text: 'About',
				cell: (r) => [
					r.profile_image_thumb_url &&
						avatar(
							r.user_id,
							r.username,
							'',
							r.profile_image_thumb_url,
						),
					person(r.user_id, r.username),
					r.open_reports > 1 &&
						h(
							'span',
							{ class: 'soft' },
							` ${r.open_reports} open`,
						),
				],
			},
			{ text: 'Reason', wide: true, cell: about },
			{
				text: 'Reported by',
				cell: (r) => person(r.reporter_id, r.reporter_username),
			},
			{
				text: 'Status',
				cell: (r) =>
					r.status === 'open'
						? badge('open')
						: badge('closed', outcomes[r.action]),
			},
			{
				text: 'Decide',
				end: true,
				wide: true,
				hidden: true,
				cell: (r) => buttons(r, () => l.load()),
			},
		],
		csv: {
			report_id: (r) => r.report_id,
			user_id: (r) => r.user_id,
			username: (r) => r.username,
			reason: (r) => r.reason,
			text: (r) => r.text,
			call_id: (r) => r.call_id,
			review_id: (r) => r.review_id,
			flyer_id: (r) => r.flyer_id,
			flyer_title: (r) => r.flyer_title,
			reporter_id: (r) => r.reporter_id,
			reporter_username: (r) => r.reporter_username,
			status: (r) => r.status,
			action: (r) => r.action,
			note: (r) => r.note,
			decided_by: (r) => r.decided_by,
			decided_at: (r) => r.decided_at,
			created_at: (r) => r.created_at,
		},
	});
	return l.view;
}
