/** The number that stands for "no slot", "no value" or "no event" wherever a whole number is expected. */
export const none = -1;
