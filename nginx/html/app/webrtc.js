/*
 * webrtc: the WebRTC connection of a call. The caller sends the offers. Each
 * offer starts a new round with a new RTCPeerConnection on both sides. A new
 * round follows a reload or a lost network. ICE candidates are queued until the
 * remote description of their round is set.
 */

/* With ?relay in the URL, only TURN servers are used, to test them. */
const POLICY = new URLSearchParams(location.search).has('relay') ? 'relay' : 'all';

export class Peer {
	/*
	 * servers: ICE servers; mine: the MediaStream to send; video: true in a
	 * video call, also if mine has no picture. send(type, data) passes a signal
	 * to the other side. onstate(connectionState), onsound(MediaStream),
	 * onpicture(MediaStream) and oncamera(on) are called when these change.
	 */
	constructor({ servers, mine, video, send, onstate, onsound, onpicture, oncamera }) {
		Object.assign(this, {
			servers,
			mine,
			video,
			send,
			onstate,
			onsound,
			onpicture,
			oncamera,
			round: '',
			pc: null,
			sender: null,
			waiting: [],
			early: [],
		});
	}

	#begin(round) {
		this.#end();
		this.round = round;
		/* Candidates of this round that arrived before its offer. */
		this.waiting = this.early.filter((c) => c.round === round);
		this.early = [];
		const pc = new RTCPeerConnection({
			iceServers: this.servers,
			iceTransportPolicy: POLICY,
		});
		pc.onicecandidate = (e) => {
			if (e.candidate !== null && e.candidate.candidate !== '')
				this.send('candidate', { round, candidate: e.candidate.toJSON() });
		};
		pc.ontrack = (e) => {
			const stream = e.streams[0] ?? new MediaStream([e.track]);
			if (e.track.kind === 'audio') this.onsound(stream);
			else if (this.video) this.onpicture(stream);
		};
		pc.onconnectionstatechange = () => {
			if (pc === this.pc) this.onstate(pc.connectionState);
		};
		for (const track of this.mine.getAudioTracks()) pc.addTrack(track, this.mine);
		this.pc = pc;
		this.sender = null;
		return pc;
	}

	async offer() {
		const pc = this.#begin(crypto.randomUUID());

		if (this.video)
			await this.#sendPicture(
				pc.addTransceiver('video', { streams: [this.mine] }),
			);
		await pc.setLocalDescription();
		if (pc !== this.pc) return;
		this.send('offer', { round: this.round, sdp: pc.localDescription.sdp });
		this.#announce();
	}

	#camera() {
		return this.mine.getVideoTracks()[0] ?? null;
	}

	/*
	 * Sends the picture of the camera by a transceiver. Without a camera, the
	 * transceiver only receives until setCamera().
	 */
	async #sendPicture(transceiver) {
		this.sender = transceiver.sender;
		await this.sender.replaceTrack(this.#camera());
	}

	/* Tells the other side whether the camera is on. */
	#announce() {
		if (this.video) this.send('media', { video: this.#camera() !== null });
	}

	/* Call it after the picture of `mine` was added or removed. */
	async setCamera() {
		await this.sender?.replaceTrack(this.#camera());
		this.#announce();
	}

	/*
	 * Sets TURN credentials that expire later. They are used for new
	 * candidates.
	 */
	renew(servers) {
		this.servers = servers;
		this.pc?.setConfiguration({ iceServers: servers, iceTransportPolicy: POLICY });
	}

	/* Requests a new offer after the page of the callee was reloaded. */
	askAgain() {
		this.send('bye', { again: true });
	}

	async take(type, data) {
		if (type === 'offer') await this.#answer(data);
		else if (type === 'answer') await this.#answered(data);
		else if (type === 'candidate') await this.#candidate(data);
		else if (type === 'media') this.oncamera(data?.video);
		else if (type === 'bye' && data?.again) await this.offer();
	}

	async #answer(data) {
		const pc = this.#begin(data.round);

		await pc.setRemoteDescription({ type: 'offer', sdp: data.sdp });
		await this.#addQueued(pc);
		await this.#answerVideo(pc);
		await pc.setLocalDescription();
		if (pc !== this.pc) return;
		this.send('answer', { round: data.round, sdp: pc.localDescription.sdp });
		this.#announce();
	}

	/* Accepts pictures in a video call, and rejects them in an audio call. */
	async #answerVideo(pc) {
		for (const t of pc.getTransceivers()) {
			if (t.receiver.track.kind !== 'video') continue;
			t.direction = this.video ? 'sendrecv' : 'inactive';
			if (!this.video) continue;
			t.sender.setStreams?.(this.mine);
			await this.#sendPicture(t);
		}
	}

	async #answered(data) {
		const pc = this.pc;

		if (
			pc === null ||
			data.round !== this.round ||
			pc.signalingState !== 'have-local-offer'
		)
			return;
		await pc.setRemoteDescription({ type: 'answer', sdp: data.sdp });
		await this.#addQueued(pc);
	}

	async #addQueued(pc) {
		for (const c of this.waiting.splice(0))
			await pc.addIceCandidate(c.candidate).catch(() => {});
	}

	async #candidate(data) {
		if (data.round !== this.round) this.early.push(data);
		else if (this.pc?.remoteDescription)
			await this.pc.addIceCandidate(data.candidate).catch(() => {});
		else this.waiting.push(data);
	}

	mute(on) {
		for (const track of this.mine.getAudioTracks()) track.enabled = !on;
	}

	#end() {
		if (this.pc === null) return;
		this.pc.onicecandidate = this.pc.ontrack = this.pc.onconnectionstatechange = null;
		this.pc.close();
		this.pc = null;
	}

	close() {
		this.#end();
		for (const track of this.mine.getTracks()) track.stop();
	}
}
