/** The QR encoder, which is served as its package has it. */
export { encodeQR } from 'qr';
