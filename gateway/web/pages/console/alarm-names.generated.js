// Generated from web/messages by `npm run generate`; do not edit.
export const alarmNames = {
  "ja": {
    "fire": "火災解錠",
    "forced-open": "こじ開け",
    "tamper": "筐体の開封",
    "lock-fault": "錠の故障",
    "exit-stuck": "退出ボタンの固着",
    "storage": "記録装置の異常",
    "controller-lost": "制御盤の応答なし",
    "held-open": "開けたまま",
    "scanner-lost": "読取機の切断",
    "supply-low": "電源電圧の低下",
    "many-refusals": "拒否されたコードが多数",
    "clock": "時刻の未確認",
    "trust": "鍵情報が古い",
    "certificate": "証明書の期限",
    "line-down": "回線の切断",
    "events-refused": "ブローカーが記録を拒否",
    "no-scans": "予約があるのに利用なし"
  },
  "en": {
    "fire": "Fire release",
    "forced-open": "Forced open",
    "tamper": "Enclosure opened",
    "lock-fault": "Lock fault",
    "exit-stuck": "Exit button stuck",
    "storage": "Storage fault",
    "controller-lost": "Controller lost",
    "held-open": "Held open too long",
    "scanner-lost": "Reader lost",
    "supply-low": "Supply voltage low",
    "many-refusals": "Many refused codes",
    "clock": "Clock untrusted",
    "trust": "Keys out of date",
    "certificate": "Certificate ends soon",
    "line-down": "Line down",
    "events-refused": "The broker refuses events",
    "no-scans": "Reservations, but no scans"
  }
};
