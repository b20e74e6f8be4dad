/** The version of Reconverge that results and plans name. A test holds it equal to package.json. */
export const VERSION = '0.1.0';
