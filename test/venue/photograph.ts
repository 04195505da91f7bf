import type { Seeded } from '../seeded.ts';

/** A grey picture, one byte a pixel, row by row. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8ClampedArray;
}

export interface Pose {
  /** Pixels that the code with its quiet zone is wide. */
  readonly sidePx: number;
  /** How far each corner may be from where it would be on a picture taken straight on, as a share of the side. */
  readonly skew: number;
  /** Standard deviation of the blur, in pixels. */
  readonly blurPx: number;
}

/** White around the code, in pixels: what is beside the phone's screen. */
const MARGIN_PX = 40;

/** Samples of a pixel in each direction: a camera averages over the area of a pixel. */
const SAMPLES = 3;

const LIGHT = 255;

/**
 * A symbol as a camera sees it on a screen: averaged into pixels, a little askew, a little blurred.
 *
 * @param modules rows of dark (`true`) and light modules, with the quiet zone
 */
export function photograph(modules: readonly (readonly boolean[])[], pose: Pose, seeded: Seeded): Picture {
  const { sidePx, skew, blurPx } = pose;
  const off = () => (seeded.next() * 2 - 1) * skew * sidePx;
  const far = MARGIN_PX + sidePx;
  const corner = (x: number, y: number): Point => [x + off(), y + off()];
  const toSymbol = fromQuad(
    corner(MARGIN_PX, MARGIN_PX),
    corner(far, MARGIN_PX),
    corner(far, far),
    corner(MARGIN_PX, far),
  );
  const size = sidePx + 2 * MARGIN_PX;
  const pixels = new Uint8ClampedArray(size * size);
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      let sum = 0;
      for (let sample = 0; sample < SAMPLES * SAMPLES; sample += 1) {
        const [u, v] = toSymbol(
          x + ((sample % SAMPLES) + 0.5) / SAMPLES,
          y + (Math.floor(sample / SAMPLES) + 0.5) / SAMPLES,
        );
        const row = modules[Math.floor(v * modules.length)];
        sum += row?.[Math.floor(u * modules.length)] === true ? 0 : LIGHT;
      }
      pixels[y * size + x] = sum / (SAMPLES * SAMPLES);
    }
  }
  return blurred({ width: size, height: size, pixels }, blurPx);
}

/** As a binary PGM file. */
export function pgm({ width, height, pixels }: Picture): Buffer {
  return Buffer.concat([Buffer.from(`P5 ${width} ${height} 255\n`), Buffer.from(pixels)]);
}

type Point = readonly [x: number, y: number];

/**
 * Where a point of a quadrangle lies on the unit square that was projected onto it: the inverse of the projective map of
 * Heckbert, Fundamentals of Texture Mapping (1989), section 2.2.3.
 */
function fromQuad([x0, y0]: Point, [x1, y1]: Point, [x2, y2]: Point, [x3, y3]: Point) {
  const [dx1, dy1, dx2, dy2] = [x1 - x2, y1 - y2, x3 - x2, y3 - y2];
  const [sx, sy] = [x0 - x1 + x2 - x3, y0 - y1 + y2 - y3];
  const area = dx1 * dy2 - dx2 * dy1;
  const g = (sx * dy2 - dx2 * sy) / area;
  const h = (dx1 * sy - sx * dy1) / area;
  const [a, b, c] = [x1 - x0 + g * x1, x3 - x0 + h * x3, x0];
  const [d, e, f] = [y1 - y0 + g * y1, y3 - y0 + h * y3, y0];
  // The adjugate is enough: a projective map has no scale.
  return (x: number, y: number): Point => {
    const u = (e - f * h) * x + (c * h - b) * y + (b * f - c * e);
    const v = (f * g - d) * x + (a - c * g) * y + (c * d - a * f);
    const w = (d * h - e * g) * x + (b * g - a * h) * y + (a * e - b * d);
    return [u / w, v / w];
  };
}

/** A Gaussian blur, in rows and then in columns. */
function blurred(picture: Picture, deviationPx: number): Picture {
  const radius = Math.ceil(3 * deviationPx);
  const kernel = Array.from({ length: 2 * radius + 1 }, (_, at) =>
    Math.exp(-((at - radius) ** 2) / (2 * deviationPx ** 2)),
  );
  const total = kernel.reduce((sum, weight) => sum + weight, 0);
  const along = ({ width, height, pixels }: Picture, step: number, alongWidth: boolean): Picture => {
    const result = new Uint8ClampedArray(pixels.length).fill(LIGHT);
    const [marginX, marginY] = alongWidth ? [radius, 0] : [0, radius];
    for (let y = marginY; y < height - marginY; y += 1) {
      for (let x = marginX; x < width - marginX; x += 1) {
        const at = y * width + x;
        let sum = 0;
        for (let tap = -radius; tap <= radius; tap += 1)
          sum += (pixels[at + tap * step] ?? LIGHT) * (kernel[tap + radius] ?? 0);
        result[at] = sum / total;
      }
    }
    return { width, height, pixels: result };
  };
  return along(along(picture, 1, true), picture.width, false);
}
