/*
 * image_buttons: the buttons that upload and remove an image.
 */
import { api } from '/lib/api.js';
import { busy, h, toast } from '/lib/dom.js';

/* Maximum bytes of an upload. The server has the same limit. */
const MAX = 12 * 1024 * 1024;
/*
 * Pixels of the longer side of a picture that is scaled down. The server keeps
 * at most 1024.
 */
const SIDE = 2048;

/* An error that the user can read. */
class ImageError extends Error {}

/* Draws a picture with at most SIDE pixels per side. Returns a Blob or null. */
async function scaled(file) {
	const bitmap = await createImageBitmap(file);
	const scale = Math.min(1, SIDE / Math.max(bitmap.width, bitmap.height));
	const canvas = document.createElement('canvas');

	canvas.width = Math.max(1, Math.round(bitmap.width * scale));
	canvas.height = Math.max(1, Math.round(bitmap.height * scale));
	canvas.getContext('2d').drawImage(bitmap, 0, 0, canvas.width, canvas.height);
	bitmap.close();
	/* JPEG has no transparency. */
	const type = file.type === 'image/jpeg' ? file.type : 'image/webp';
	return new Promise((done) => canvas.toBlob(done, type, 0.9));
}

/* Returns the file as it is, or a smaller picture if the file is too large. */
async function fitting(file) {
	let small = null;

	if (file.size <= MAX) return file;
	try {
		small = await scaled(file);
	} catch {
		/* The browser cannot decode it, or has too little memory. */
	}
	if (small === null || small.size > MAX)
		throw new ImageError(
			'The picture has more than 12 MiB and cannot be made smaller. Choose another one.',
		);
	return small;
}

async function upload(path, file) {
	try {
		return await api('PUT', path, await fitting(file));
	} catch (e) {
		if (e.status === 413)
			throw new ImageError(
				'The picture is too large for the server. Choose a smaller one.',
			);
		if (e.status === 415 || e.status === 422)
			throw new ImageError(
				`${e.message}. Choose another JPEG, PNG or WebP picture.`,
			);
		throw e;
	}
}

/*
 * Returns the buttons. path is that of PUT and DELETE, noun the name of the
 * image in texts. is: there is an image to remove. done(answer) is called after
 * an upload, with the response, and after a removal, with null; it may be
 * async.
 */
export function imageButtons(path, noun, is, done) {
	const file = h('input', {
		type: 'file',
		accept: 'image/jpeg,image/png,image/webp',
		hidden: true,
		'aria-label': `File of the ${noun}`,
	});
	const set = h('button', { type: 'button', 'data-do': noun }, `Choose ${noun}`);
	const drop = h('button', { class: 'btn-link', type: 'button' }, `Remove ${noun}`);
	const send = busy(set, async () => {
		let answer;

		try {
			answer = await upload(path, file.files[0]);
		} catch (e) {
			if (!(e instanceof ImageError)) throw e;
			toast(e.message);
			return;
		}
		toast(`Your ${noun} was changed.`);
		await done(answer);
	});

	set.addEventListener('click', () => file.click());
	file.addEventListener('change', () => {
		if (file.files.length > 0) send().finally(() => (file.value = ''));
	});
	drop.addEventListener(
		'click',
		busy(drop, async () => {
			await api('DELETE', path);
			toast(`Your ${noun} was removed.`);
			await done(null);
		}),
	);
	return h('div', { class: 'row' }, set, is && drop, file);
}
