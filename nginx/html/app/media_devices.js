/*
 * media_devices: opens the microphone and the camera of this device.
 */
import { toast } from '/lib/dom.js';

/* The id of the call whose camera the user turned off. */
const CAMERA_OFF = 'earmark.camera-off';
const AUDIO = { echoCancellation: true, noiseSuppression: true };
/* Enough for a window of a phone; more would need a faster network. */
const VIDEO = {
	facingMode: 'user',
	width: { ideal: 960 },
	height: { ideal: 540 },
	frameRate: { max: 30 },
};

/* Returns why getUserMedia() could not open a device. */
function reason(device, e) {
	if (e.name === 'NotFoundError' || e.name === 'OverconstrainedError')
		return `No ${device} was found.`;
	if (e.name === 'NotReadableError')
		return `The ${device} cannot be opened. Close other programs that use it.`;
	return `The ${device} is blocked. Allow it in your browser and try again.`;
}

/* Calls lost(track) when the camera is unplugged or the browser takes it away. */
function watch(stream, lost) {
	for (const track of stream.getVideoTracks()) track.onended = () => lost(track);
	return stream;
}

/*
 * Opens the microphone and, if camera is true, the camera. Returns {stream,
 * camera, cameraNotice}: the MediaStream, whether it has a picture, and why not
 * ('' if no camera was wanted). Without a microphone, shows the reason and
 * returns null. lost: see watch().
 */
export async function openDevices(camera, lost) {
	let failed = null;

	if (!navigator.mediaDevices) {
		toast('The microphone is not available over http. Open this page with https.');
		return null;
	}
	if (camera)
		try {
			const stream = await navigator.mediaDevices.getUserMedia({
				audio: AUDIO,
				video: VIDEO,
			});
			return { stream: watch(stream, lost), camera: true, cameraNotice: '' };
		} catch (e) {
			failed = e;
		}
	try {
		const stream = await navigator.mediaDevices.getUserMedia({ audio: AUDIO });
		return {
			stream,
			camera: false,
			cameraNotice:
				failed === null
					? ''
					: `${reason('camera', failed)} You are heard, but not seen.`,
		};
	} catch (e) {
		toast(reason('microphone', e));
		return null;
	}
}

/*
 * Adds a picture of the camera to a stream of openDevices(). Returns the members
 * camera and cameraNotice, or null if the stream was released or has a picture.
 */
export async function openCamera(stream, lost) {
	try {
		const more = await navigator.mediaDevices.getUserMedia({ video: VIDEO });
		if (!stream.active || stream.getVideoTracks().length > 0) {
			release(more);
			return null;
		}
		stream.addTrack(watch(more, lost).getVideoTracks()[0]);
		return { camera: true, cameraNotice: '' };
	} catch (e) {
		return { camera: false, cameraNotice: reason('camera', e) };
	}
}

/* Removes the picture from a stream, and returns the members as openCamera(). */
export function closeCamera(stream, cameraNotice) {
	for (const track of stream.getVideoTracks()) {
		track.stop();
		stream.removeTrack(track);
	}
	return { camera: false, cameraNotice };
}

/* Closes the devices of a MediaStream. */
export function release(stream) {
	stream?.getTracks().forEach((t) => t.stop());
}

/* Remembers after a reload of the page whether the user wants the camera. */
export function rememberCamera(call, on) {
	if (on) sessionStorage.removeItem(CAMERA_OFF);
	else sessionStorage.setItem(CAMERA_OFF, String(call));
}

export function wasCameraOn(call) {
	return sessionStorage.getItem(CAMERA_OFF) !== String(call);
}
