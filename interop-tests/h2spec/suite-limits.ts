/**
 * Both suites take frames of more than 16 KiB for too large whatever was announced: h2spec's case 4.2/3 sends a header block of
 * one size, h2specd's 4.2/2 and 4.2/3 frames of 16 KiB and an octet. So the endpoints that they look at announce what they count on.
 */
export const suiteLimits = { maxFrameBytes: 16_384 };
