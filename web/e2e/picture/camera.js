// Makes a film for Chromium's made-up camera out of drawings.
import { writeFile } from 'node:fs/promises';

const WIDTH = 1280;
const HEIGHT = 720;
const FRAMES = 12;
const FRAMES_PER_SECOND = 12;

/** Writes uncompressed YUV4MPEG2, drawn by the browser itself. */
export async function film(browser, draw, path) {
  const page = await browser.newPage();
  const parts = [Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F${FRAMES_PER_SECOND}:1 Ip A1:1 C420jpeg\n`)];
  for (let frame = 0; frame < FRAMES; frame += 1) {
    const svg = draw(Math.sin((2 * Math.PI * frame) / FRAMES));
    parts.push(Buffer.from('FRAME\n'), Buffer.from(await page.evaluate(planes, { svg, width: WIDTH, height: HEIGHT }), 'base64'));
  }
  await page.close();
  await writeFile(path, Buffer.concat(parts));
}

/** Runs in the page: the picture as the planes Y, U and V, in base64. */
async function planes({ svg, width, height }) {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const context = Object.assign(document.createElement('canvas'), { width, height }).getContext('2d');
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  const size = width * height;
  const bytes = new Uint8Array(size * 1.5);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const [r, g, b] = data.subarray((y * width + x) * 4);
      bytes[y * width + x] = 16 + 0.257 * r + 0.504 * g + 0.098 * b;
      if (y % 2 === 0 && x % 2 === 0) {
        const at = size + (y / 2) * (width / 2) + x / 2;
        bytes[at] = 128 - 0.148 * r - 0.291 * g + 0.439 * b;
        bytes[at + size / 4] = 128 + 0.439 * r - 0.368 * g - 0.071 * b;
      }
    }
  }
  const blob = new Blob([bytes]);
  const url = await new Promise((done) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result);
    reader.readAsDataURL(blob);
  });
  return url.split(',')[1];
}
