/** Where a number was issued, as Twilio guesses it; unknown parts are empty. */
export interface Place {
  city: string;
  state: string;
  zip: string;
  country: string;
}

/** City, state and ZIP of a few area codes; Twilio's guess is no better than this for a number that moved. */
const areaCodes: Readonly<Record<string, readonly [city: string, state: string, zip: string]>> = {
  '201': ['JERSEY CITY', 'NJ', '07302'],
  '202': ['WASHINGTON', 'DC', '20001'],
  '206': ['SEATTLE', 'WA', '98101'],
  '212': ['NEW YORK', 'NY', '10001'],
  '213': ['LOS ANGELES', 'CA', '90012'],
  '214': ['DALLAS', 'TX', '75201'],
  '215': ['PHILADELPHIA', 'PA', '19103'],
  '303': ['DENVER', 'CO', '80202'],
  '305': ['MIAMI', 'FL', '33130'],
  '307': ['CHEYENNE', 'WY', '82001'],
  '312': ['CHICAGO', 'IL', '60601'],
  '313': ['DETROIT', 'MI', '48226'],
  '404': ['ATLANTA', 'GA', '30303'],
  '415': ['SAN FRANCISCO', 'CA', '94103'],
  '503': ['PORTLAND', 'OR', '97204'],
  '512': ['AUSTIN', 'TX', '78701'],
  '602': ['PHOENIX', 'AZ', '85003'],
  '612': ['MINNEAPOLIS', 'MN', '55401'],
  '615': ['NASHVILLE', 'TN', '37203'],
  '617': ['BOSTON', 'MA', '02108'],
  '646': ['NEW YORK', 'NY', '10001'],
  '702': ['LAS VEGAS', 'NV', '89101'],
  '713': ['HOUSTON', 'TX', '77002'],
  '718': ['BROOKLYN', 'NY', '11201'],
  '773': ['CHICAGO', 'IL', '60614'],
  '808': ['HONOLULU', 'HI', '96813'],
  '907': ['ANCHORAGE', 'AK', '99501'],
  '917': ['NEW YORK', 'NY', '10001'],
};

const nowhere: Place = { city: '', state: '', zip: '', country: '' };

export function placeOf(phoneNumber: string): Place {
  if (!phoneNumber.startsWith('+1')) return nowhere;
  const [city = '', state = '', zip = ''] = areaCodes[phoneNumber.slice(2, 5)] ?? [];
  return { city, state, zip, country: 'US' };
}
