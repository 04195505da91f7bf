/** Every text of the sheets in Japanese: the QR for the scanner, and a member's visits. */
export const words = {
  close: '閉じる',
  qrTitle: 'スキャナーにかざしてください',
  qrText: '8秒ごとに新しくなります。画面の明るさを上げると読み取りやすくなります。',
  qrLabel: 'スキャナー用のQRコード',
  ongoing: 'ご利用中',
  ticketUse: 'チケット 1回',
  noShow: '無断キャンセル',
  /** @param {string} span */
  chargedSpan: (span) => `${span} の課金`,
  noVisits: 'まだご利用がありません。',
  /** @param {string} name */
  visitsHere: (name) => `${name} でのご利用`,
  /** @type {Readonly<Record<import('../../../../shared/contract/charge.ts').ChargeRule, string>>} */
  rules: {
    cancelled: '期限内のキャンセル',
    'no-show-reserved': 'キャンセルなし：予約時間分',
    'forgotten-room-reserved': 'チェックアウト忘れ：予約時間分',
    'forgotten-no-closing': 'チェックアウト忘れ：予約時間分（確認中）',
    'forgotten-seat-to-closing': 'チェックアウト忘れ：営業終了まで',
    reserved: '予約時間どおり',
    'h1t-shortened': '早めのチェックアウト：利用した30分単位',
    'early-checkout-reserved': '早めのチェックアウト：予約時間分',
    'late-seat': '予約終了後のチェックアウト：30分単位で追加',
    'late-room-reserved': '会議室：予約時間分',
  },
  /** @type {Readonly<Record<import('../../../../shared/contract/charge.ts').ChargeFlag, string>>} */
  flags: {
    'checkin-missing': 'チェックインの記録なし',
    'checkout-before-checkin': 'チェックイン前のチェックアウト',
    'checkout-before-start': '開始前のチェックアウト',
    'checkout-after-closing': '営業終了後のチェックアウト',
    'cancel-rejected': 'キャンセル期限後',
    'cap-config-mismatch': '上限設定を確認中',
    review: '店舗で確認中',
    'double-cover': '同時間帯の別のご利用あり',
    'offline-renewal-assumed': '更新を確認中',
    'settled-late': '後日精算',
    'checkout-not-left': 'チェックアウト後の退室を確認できませんでした',
    overstay: '終了後の滞在',
    'clock-untrusted': '時刻を確認中',
    'tailgating-suspected': '同時通行の確認中',
    'door-not-opened': '扉が開いた記録なし',
  },
};
