// Two drawn people in their rooms, as a camera would see them.

/** @param {number} sway from -1 to 1: nobody sits quite still */
export function drawClient(sway) {
  return scene(
    `<rect width="1280" height="720" fill="#dfe5de"/>
     <rect x="90" y="70" width="300" height="380" rx="10" fill="#f7f3e6"/>
     <rect x="108" y="88" width="264" height="344" fill="#bcd8e4"/>
     <path d="M108 360 q70 -60 130 -20 t134 -10 v102 h-264z" fill="#8fb29a"/>
     <path d="M240 88 v344 M108 250 h264" stroke="#f7f3e6" stroke-width="12"/>
     <rect x="950" y="150" width="240" height="14" fill="#a98a68"/>
     <g><rect x="970" y="60" width="26" height="90" fill="#c96f53"/><rect x="1000" y="74" width="22" height="76" fill="#5b7d8d"/>
     <rect x="1026" y="52" width="30" height="98" fill="#e0b458"/><rect x="1060" y="80" width="20" height="70" fill="#6e8f72"/></g>
     <path d="M1110 150 h56 l-8 -48 h-40z" fill="#d9c3a5"/><path d="M1138 104 q-40 -40 -46 -6 q24 2 46 6 q4 -60 30 -34 q-6 30 -30 34z" fill="#5f8f69"/>`,
    person({ sway, skin: '#e3b08c', shade: '#d29b76', hair: '#4a362b', top: '#5d7f92', collar: '#4d6c7d', hairStyle: SHORT, extra: '' }),
  );
}

export function drawPsychologist(sway) {
  return scene(
    `<rect width="1280" height="720" fill="#e9dfd2"/>
     <rect x="860" y="60" width="330" height="560" fill="#b98f68"/>
     <g fill="#8f6a48"><rect x="860" y="190" width="330" height="12"/><rect x="860" y="340" width="330" height="12"/><rect x="860" y="490" width="330" height="12"/></g>
     ${books(876, 190, ['#47655f', '#c8a96b', '#7d4f43', '#d8d0c0', '#5a7186', '#93a38a'])}
     ${books(900, 340, ['#7d4f43', '#d8d0c0', '#47655f', '#c0785a', '#5a7186'])}
     ${books(876, 490, ['#93a38a', '#c8a96b', '#5a7186', '#47655f', '#d8d0c0', '#7d4f43'])}
     <rect x="120" y="90" width="210" height="270" fill="#fbf7ee"/><circle cx="225" cy="205" r="62" fill="#cfa27f"/><path d="M138 342 q88 -110 174 0z" fill="#7f9b8b"/>
     <path d="M70 720 v-210 q60 -20 100 0 v210z" fill="#7b9a80"/><path d="M120 520 q-90 -120 -30 -150 q40 60 30 150 q40 -130 90 -96 q-10 70 -90 96z" fill="#557f61"/>`,
    person({
      sway,
      skin: '#b97f5b',
      shade: '#a66f4d',
      hair: '#2a211e',
      top: '#2f6d68',
      collar: '#f1ece2',
      hairStyle: LONG,
      extra: '<g fill="none" stroke="#3b2f29" stroke-width="6"><circle cx="598" cy="298" r="33"/><circle cx="682" cy="298" r="33"/><path d="M631 294 q9 -8 18 0"/></g>',
    }),
  );
}

const SHORT = { back: '', front: '<path d="M528 262 q-8 -128 112 -132 q122 4 112 132 q-30 -30 -44 -66 q-60 26 -140 2 q-10 34 -40 64z"/>' };
const LONG = {
  back: '<path d="M520 300 q-20 -180 120 -182 q140 2 120 182 q-2 130 26 176 h-292 q28 -46 26 -176z"/>',
  front: '<path d="M530 280 q-6 -140 110 -146 q116 6 110 146 q-22 -66 -92 -96 q-84 18 -128 96z"/>',
};

function person({ sway, skin, shade, hair, top, collar, hairStyle, extra }) {
  return `<g transform="translate(${sway * 6} ${Math.abs(sway) * 3})">
    <g fill="${hair}">${hairStyle.back}</g>
    <path d="M300 720 q10 -190 190 -222 h300 q180 32 190 222z" fill="${top}"/>
    <path d="M560 500 q80 70 160 0 l-20 -22 h-120z" fill="${collar}"/>
    <path d="M588 400 h104 v92 q-52 56 -104 0z" fill="${shade}"/>
    <g transform="rotate(${sway * 1.2} 640 420)">
      <ellipse cx="640" cy="302" rx="106" ry="134" fill="${skin}"/>
      <circle cx="534" cy="308" r="20" fill="${shade}"/><circle cx="746" cy="308" r="20" fill="${shade}"/>
      <g fill="${hair}">${hairStyle.front}</g>
      <g fill="#2b2522"><circle cx="598" cy="300" r="9"/><circle cx="682" cy="300" r="9"/></g>
      <path d="M574 268 q24 -14 46 -2 M660 266 q24 -12 46 2" stroke="${hair}" stroke-width="8" fill="none" stroke-linecap="round"/>
      <path d="M640 304 q-12 36 4 42" stroke="${shade}" stroke-width="7" fill="none" stroke-linecap="round"/>
      <path d="M602 376 q38 ${26 + sway * 4} 76 0" stroke="#8c4a3f" stroke-width="8" fill="none" stroke-linecap="round"/>
      ${extra}
    </g>
  </g>`;
}

function books(left, bottom, colours) {
  return colours.map((colour, index) => `<rect x="${left + index * 34}" y="${bottom - 84 - ((index * 13) % 26)}" width="30" height="${84 + ((index * 13) % 26)}" fill="${colour}"/>`).join('');
}

function scene(room, figure) {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1280 720" width="1280" height="720">${room}${figure}</svg>`;
}
