import { PRESENTATION_BYTES_MAX } from '../../shared/contract/presentation.ts';
import {
  receiptClaimsSchema,
  receiptHeaderSchema,
  type ReceiptClaims,
} from '../../shared/contract/receipt.ts';
import type { KeyRing } from '../credential/key-ring.ts';
import { readSigned } from '../credential/signed.ts';

/** The claims of a receipt signed by a key of the cloud, or `null` for anything else. */
export function readReceipt(text: string, cloudKeys: KeyRing): Promise<ReceiptClaims | null> {
  return readSigned(text, receiptHeaderSchema, receiptClaimsSchema, cloudKeys, PRESENTATION_BYTES_MAX);
}
