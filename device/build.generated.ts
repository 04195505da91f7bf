// Generated from the sources of the firmware by generate.ts.

/** The build id of the committed `firmware/genkan.hex`, as `hello` tells it. */
export const firmwareBuildId = 0x6630c29c;
