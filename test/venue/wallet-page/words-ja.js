const plans = { basic: 'ベーシックチケット', premium: 'プレミアムチケット', corporate: '法人チケット' };
/** @param {string} id */
const space = (id) => id.replace(/^seat-/, '座席 ').replace(/^room-/, '会議室 ');

/** Every text of the issuer's pages in Japanese. */
export const words = {
  demo: '開発用',
  otherLanguage: 'English',
  signIn: 'どの会員になりますか？',
  signInText: '開発用の発行サイトです。パスワードはありません。',
  /** @param {string} id @param {string} when */
  reservation: (id, when) => `${when} ${space(id)}`,
  /** @param {import('../../../shared/contract/pass.ts').Ticket} ticket */
  ticket: ({ plan, used }) => `${plans[plan]}（今期 ${used} 回利用）`,
  nothing: '予約もチケットもありません',
  /** @param {string} name */
  hello: (name) => `${name} さん`,
  /** @param {string} venue */
  enrolTitle: (venue) => `${venue} で、この端末を使いますか？`,
  enrolText:
    'この端末だけの鍵にパスを結び付けます。鍵は端末の外に出ません。以前に登録した端末は、この店舗では使えなくなります。',
  enrol: 'この端末を登録する',
  cancel: 'やめる',
  /** @param {string} venue */
  entrance: (venue) => `${venue} の入口へ`,
  /** @param {string} venue */
  exit: (venue) => `${venue} の出口へ`,
  thisPhone: 'この端末：登録済み',
  otherPhone: '別の端末が登録されています',
  noPhone: '登録された端末はありません',
  qr: 'QRを表示',
  shortQr: '短時間のQRを表示',
  book: '座席を予約する（いまから3時間）',
  signOut: 'サインアウト',
  toWallet: '会員ページへ',
  noKeyHere: 'このブラウザには、お客様の鍵がありません',
  handedOver: 'ドアのページに戻ります…',
  failed: 'うまくいきませんでした',
  offline: 'インターネットに接続できません。',
};
