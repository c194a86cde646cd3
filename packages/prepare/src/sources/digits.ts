// Texts of numbers as sources print them.

/** Marks a number whose digits may be lost; no decimal number begins like this. */
export const LOST_DIGITS = "≈";

/** SQL for a number's text without an exponent, all digits written out: 1e-07 is 0.0000001. */
export function plainDigits(text: string): string {
  const exponent = `try_cast(split_part(lower(${text}), 'e', 2) as integer)`;
  const mantissa = `split_part(lower(${text}), 'e', 1)`;
  const sign = `case when starts_with(${text}, '-') then '-' else '' end`;
  const whole = `ltrim(split_part(${mantissa}, '.', 1), '+-')`;
  const fraction = `split_part(${mantissa}, '.', 2)`;
  const small = `'0.' || repeat('0', -${exponent} - length(${whole})) || ${whole} || ${fraction}`;
  const filled = `rpad(${fraction}, greatest(${exponent}, length(${fraction}))::integer, '0')`;
  const large = `${whole} || left(${filled}, ${exponent}) || '.' || substr(${filled}, ${exponent} + 1) || '0'`;
  return `case when regexp_full_match(${text}, '[+-]?[0-9]+([.][0-9]+)?[eE][+-]?[0-9]{1,3}')
    then ${sign} || case when ${exponent} < 0 then ${small} else ${large} end else ${text} end`;
}
