import { Component } from 'preact';
import type { Failure } from '../core/failure.ts';
import { ageWords } from './age-words.ts';
import type { Screen } from './Panel.tsx';

interface Form {
  wrong?: string;
  busy?: boolean;
}

const OLDEST = 110;

/** Stands where a message would be written: asks when the person was born, and a child's parent (GDPR article 8). */
export default class Age extends Component<Screen, Form> {
  override state: Form = {};

  #send = (event: Event): void => {
    event.preventDefault();
    const { locale, settings } = this.props.state;
    const { fill, again } = ageWords(locale);
    const fields = new FormData(event.target as HTMLFormElement);
    const [year, month] = [fields.get('year'), fields.get('month')];
    if (settings?.age === 'ask' && !(year && month)) {
      this.setState({ wrong: fill });
      return;
    }
    this.setState({ wrong: '', busy: true });
    const asked =
      settings?.age === 'ask'
        ? this.props.chat.age('POST', 'age', { born: `${year}-${month}` })
        : settings?.age === 'child'
          ? this.props.chat.age('POST', 'parental-consents', { parent_email: fields.get('parent') })
          : this.props.chat.age('GET', 'age');
    asked.then(
      () => this.setState({ busy: false }),
      ({ status, message }: Failure) =>
        this.setState({ wrong: status === 422 ? message : again, busy: false }),
    );
  };

  override render({ state: { locale, settings } }: Screen, { wrong, busy }: Form) {
    const words = ageWords(locale);
    const age = settings?.age;
    return (
      <form class="composer" onSubmit={this.#send} noValidate key={age}>
        <div class="card">
          {age === 'ask' && (
            <fieldset>
              <legend>{words.born}</legend>
              <div class="row">
                <select name="month" aria-label={words.month}>
                  <option value="">{words.month}</option>
                  {months(locale).map((name, i) => (
                    <option key={name} value={`${i + 1}`.padStart(2, '0')}>
                      {name}
                    </option>
                  ))}
                </select>
                <select name="year" aria-label={words.year}>
                  <option value="">{words.year}</option>
                  {years().map((year) => (
                    <option key={year}>{year}</option>
                  ))}
                </select>
              </div>
              <small>{words.why}</small>
            </fieldset>
          )}
          {age === 'child' && <p>{words.child}</p>}
          {age === 'child' && (
            <input
              name="parent"
              type="email"
              dir="ltr"
              autocomplete="off"
              placeholder={words.parent}
              aria-label={words.parent}
            />
          )}
          {age === 'asked' && <p role="status">{words.asked}</p>}
          {wrong && (
            <small class="wrong" role="alert">
              {wrong}
            </small>
          )}
          <button type="submit" class="button" disabled={!!busy}>
            {age === 'ask' ? words.go : age === 'child' ? words.ask : words.look}
          </button>
        </div>
      </form>
    );
  }
}

function months(locale: string): string[] {
  const format = new Intl.DateTimeFormat(locale, { month: 'long', timeZone: 'UTC' });
  return Array.from({ length: 12 }, (_, month) => format.format(Date.UTC(2000, month)));
}

function years(): number[] {
  const now = new Date().getFullYear();
  return Array.from({ length: OLDEST }, (_, back) => now - back);
}
