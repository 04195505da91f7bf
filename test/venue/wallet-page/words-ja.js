const clock = (instant) => instant.slice(11, 16).replace(/^0/, '');
const day = (instant) => `${Number(instant.slice(5, 7))}月${Number(instant.slice(8, 10))}日`;
const plans = { basic: 'ベーシックチケット', premium: 'プレミアムチケット', corporate: '法人チケット' };
const space = (id) => id.replace(/^seat-/, '座席 ').replace(/^room-/, '会議室 ');

/** Every text of the issuer's pages in Japanese. */
export const words = {
  demo: '開発用',
  otherLanguage: 'English',
  signIn: 'どの会員になりますか？',
  signInText: '開発用の発行サイトです。パスワードはありません。',
  reservation: ({ space: { id }, start, end }) => `${day(start)} ${clock(start)}–${clock(end)} ${space(id)}`,
  ticket: ({ plan, used }) => `${plans[plan]}（今期 ${used} 回利用）`,
  nothing: '予約もチケットもありません',
  hello: (name) => `${name} さん`,
  enrolTitle: (venue) => `${venue} で、この端末を使いますか？`,
  enrolText:
    'この端末だけの鍵にパスを結び付けます。鍵は端末の外に出ません。以前に登録した端末は、この店舗では使えなくなります。',
  enrol: 'この端末を登録する',
  cancel: 'やめる',
  entrance: (venue) => `${venue} の入口へ`,
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
