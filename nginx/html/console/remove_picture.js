/*
 * remove_picture: the button that removes the profile picture of a user.
 */
import { api } from '/lib/api.js';
import { asks } from './form_dialog.js';

/* Returns the button, or null without a picture. u: a user, or a report. */
export function removePictureButton(u, again) {
	if (u.profile_image_url === null) return null;
	return asks(
		'Remove picture',
		{
			title: `Remove the picture of ${u.username}?`,
			roles: ['moderator'],
			danger: true,
			button: 'Remove picture',
			text:
				'The file is deleted. The user is notified of the reason and can ' +
				'upload another picture.',
			fields: [{ name: 'reason', text: 'Reason', kind: 'area', max: 500 }],
			run: async ({ reason }) => {
				await api(
					'DELETE',
					`/admin/users/${u.user_id}/image`,
					reason === null ? {} : { reason },
				);
				return `The picture of ${u.username} was removed.`;
			},
		},
		again,
	);
}
