import type { HandleClientError } from '@sveltejs/kit/hooks';

export const handleError: HandleClientError = ({ kind, error }) => {
  if (kind === 'unknown')
    return { status: 500, message: 'Something went wrong on our side. Loading the page again may help.' };
  return { status: error.status, message: error.message };
};
